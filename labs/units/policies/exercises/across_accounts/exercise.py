"""Predict decisions on a bucket whose readers are in another account."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

from labs.course import Field, Lettered, PredictExercise, Slip, Variant
from labs.units.policies import cases


class AcrossAccounts(Lettered, PredictExercise):
    title = "Across accounts"
    minutes = 7
    points = 7

    def values(self, rng: random.Random) -> Mapping[str, Any]:
        guest, silent, home, rich = rng.sample(cases.USERS, 4)
        bucket = cases.bucket_name(rng.choice(("lab", "course", "team", "field")), rng.randrange(16**4))
        other = str(rng.randrange(2 * 10**11, 9 * 10**11))
        objects = f"arn:aws:s3:::{bucket}/*"
        named = [cases.user_arn(guest, other), cases.user_arn(silent, other), cases.user_arn(home)]
        return {
            "account": cases.ACCOUNT,
            "other": other,
            "guest": guest,
            "silent": silent,
            "home": home,
            "rich": rich,
            "writes": (writes := rng.random() < 0.5),
            "more_right": cases.DECISIONS[writes],
            "bucket": bucket,
            "key": rng.choice(("data/a.csv", "notes/plan.txt", "models/final.pt")),
            "own": cases.document(cases.allow("s3:*", "*")),
            "by_name": cases.document(
                cases.allow("s3:GetObject", objects, Principal={"AWS": named}),
            ),
            "by_account": cases.document(
                cases.allow("s3:GetObject", objects, Principal={"AWS": f"arn:aws:iam::{other}:root"}),
            ),
        }

    def questions(self, variant: Variant) -> tuple[Field, ...]:
        v = variant.values
        guest, silent, home = v["guest"], v["silent"], v["home"]
        key, other = v["key"], v["other"]
        return (
            self._field(
                v,
                "unnamed",
                f"Before there is a bucket policy: {guest} reads {key}",
                cases.user_arn(guest, other),
                v["own"],
                None,
                Slip("", "I6", f"Account {other} cannot give away what account {v['account']} owns."),
            ),
            self._field(
                v,
                "both",
                f"With the bucket policy that names three: {guest} reads {key}",
                cases.user_arn(guest, other),
                v["own"],
                v["by_name"],
            ),
            self._field(
                v,
                "invited",
                f"With the bucket policy that names three: {silent} reads {key}",
                cases.user_arn(silent, other),
                None,
                v["by_name"],
                Slip("", "I6", f"The bucket's side allows it, and account {other} does not."),
            ),
            self._field(
                v,
                "home",
                f"With the bucket policy that names three: {home} reads {key}",
                cases.user_arn(home),
                None,
                v["by_name"],
                Slip("", "I5", "Within one account the bucket's policy is enough."),
            ),
            self._field(
                v,
                "account",
                f"With the policy that names the account: {guest} reads {key}",
                cases.user_arn(guest, other),
                v["own"],
                v["by_account"],
            ),
            self._field(
                v,
                "trusted",
                f"With the policy that names the account: {silent} reads {key}",
                cases.user_arn(silent, other),
                None,
                v["by_account"],
                Slip(
                    "",
                    "I6",
                    f"Who names an account leaves it to that account whom it sends; {silent} has "
                    "no Allow there.",
                ),
            ),
            self._more(v),
        )

    def _more(self, v: Mapping[str, Any]) -> Field:
        """One more: a call that the bucket's policy does not have, or a caller who needs no bucket policy."""
        if v["writes"]:
            guest, key = cases.user_arn(v["guest"], v["other"]), v["key"]
            label = f"With the policy that names the account: {v['guest']} overwrites {key}"
            return self._field(v, "more", label, guest, v["own"], v["by_account"], action="s3:PutObject")
        label = f"Before there is a bucket policy: {v['rich']} reads {v['key']}"
        return self._field(v, "more", label, cases.user_arn(v["rich"]), v["own"], None)

    def _field(
        self,
        v: Mapping[str, Any],
        name: str,
        label: str,
        who: str,
        own: dict[str, Any] | None,
        bucket_policy: dict[str, Any] | None,
        *slips: Slip,
        action: str = "s3:GetObject",
    ) -> Field:
        beside: dict[str, Any] = {"owner": v["account"]}
        if own is not None:
            beside |= {"identityPolicies": [own]}
        if bucket_policy is not None:
            beside |= {"resourcePolicy": bucket_policy}
        resource = f"arn:aws:s3:::{v['bucket']}/{v['key']}"
        return cases.decided(name, label, cases.case(who, action, resource, **beside), *slips)
