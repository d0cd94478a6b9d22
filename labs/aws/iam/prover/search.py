"""The search for a request that one of two policies allows and the other does not.

A request has four dimensions: action, caller, resource and context. Each is cut into classes that no
statement tells apart, and which statements a combination of classes leaves alive is all that matters: the
same ones are the same problem, solved once. Where dimensions depend on each other, the one that decides comes
first: the caller before the keys that follow from it, policy variables before the patterns that hold them,
the resource before its owner.

    services and actions        by the statements that take them        actions.py
      callers                   by the statements that name them        callers.py
        policy variables        by the texts that they run into         variables.py
          resources             by the statements that match them       places.py
            context keys        by the conditions that hold             conditions.py

A level is left as soon as what is alive cannot tell the policies apart.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, NamedTuple, TypeAlias

from labs.aws.iam.documents import Policy
from labs.aws.iam.elements import Grant
from labs.aws.iam.principals import Principal
from labs.aws.iam.prover.actions import ActionClasses, Actions
from labs.aws.iam.prover.atlas import Atlas
from labs.aws.iam.prover.budget import Budget
from labs.aws.iam.prover.callers import Caller
from labs.aws.iam.prover.catalogue import PLAIN, Form
from labs.aws.iam.prover.company import Circumstances, sufficient
from labs.aws.iam.prover.conditions import Context, Problem, solve
from labs.aws.iam.prover.keys import OWNER
from labs.aws.iam.prover.places import Place, Places, Region
from labs.aws.iam.prover.rules import Kind, Rules, bits
from labs.aws.iam.prover.texts import Filling
from labs.aws.iam.prover.witness import Direction, Finding
from labs.aws.iam.requests import ContextValue

__all__ = ["Focus", "Search"]

_POLISH: Final = 10_000
"""Steps that may go into a more readable witness once there is one."""

_OFFER: Final = 100
"""Steps that it takes to make a finding into a request and to replay it."""


@dataclass(frozen=True, slots=True)
class Focus:
    """A part of all requests to look at: some actions of some services, one resource, some callers."""

    actions: Mapping[str, int] | None = None
    resource: str | None = None
    callers: tuple[Principal, ...] | None = None


class Group(NamedTuple):
    """What of a resource matters: the statements that match it, the account in its ARN, and an action that
    AWS treats like the one in question.
    """

    matches: int
    owner: str
    trial: str


Spots: TypeAlias = list[tuple[Form, Place]]


@dataclass(frozen=True, slots=True)
class Scene:
    """A class of callers with values for keys in policy variables.

    `known` holds those values and the keys that follow from the caller; `settled` are the conditions on them.
    """

    caller: Caller
    rank: int
    valuation: Filling
    known: Filling
    settled: int

    @property
    def sign(self) -> Hashable:
        """What all values follow from."""
        return self.rank, tuple(self.valuation.items())


@dataclass(frozen=True, slots=True)
class Standing:
    """One caller of a class, the account to name as the resource's owner, and whether the two differ."""

    principal: Principal
    owner: str | None
    crosses: bool


class Search:
    """One comparison of two policies; `run` fills its two directions."""

    def __init__(
        self, reference: Policy, candidate: Policy, kind: Kind, budget: Budget, focus: Focus | None = None
    ) -> None:
        rules = Rules.of(reference, candidate, kind)
        self.wider = Direction(kind, candidate, reference, rules.candidate, rules.reference)
        self.narrower = Direction(kind, reference, candidate, rules.reference, rules.candidate)
        self._rules = rules
        self._budget = budget
        self._focus = focus or Focus()
        self._actions = ActionClasses(rules, self._focus.actions, budget)
        self._atlas = Atlas(rules, budget, self._focus.callers)
        self._solved: dict[Hashable, tuple[Context | None, dict[str, None]]] = {}
        self._barren: set[Hashable] = set()
        self._seen: set[tuple[int, bool, Group]] = set()
        self._rank: int | None = None

    @property
    def callers(self) -> int:
        """How many classes of callers there are."""
        return len(self._atlas.callers)

    def run(self, rank: int | None = None) -> None:
        """Look everywhere, until each direction that is open has a witness or is known to have none.

        With a `rank` look at one class of callers only, and forget what was found for others.

        Raises:
            Exhausted: the budget is spent.
        """
        if rank is not None:
            self._rank = rank
            self.wider.best, self.wider.open = None, True
            self.wider.gaps.clear()
            self._seen.clear()
        asked = [direction for direction in (self.wider, self.narrower) if direction.open]
        for first, prefixes in self._actions.tiers():
            for look in (partial(self._look, everywhere=first), self._look_by_variables):
                for prefix in prefixes:
                    self._budget.where = f"among the actions of {prefix}"
                    for actions in self._actions.of(prefix) if self._differ(-1) else ():
                        if self._differ(actions.held):
                            look(actions)
                for direction in asked:
                    direction.open = direction.best is None
        if gap := self._atlas.variables.gap:
            for direction in asked:
                direction.gaps.setdefault(gap)

    def _differ(self, live: int) -> bool:
        """Whether what is alive can still tell the policies apart in a direction that is open."""
        for direction in (self.wider, self.narrower):
            if direction.best is not None and self._budget.spent > direction.found_at + _POLISH:
                direction.open = False
            if direction.open and not direction.subsumed(live):
                return True
        return False

    def _look(self, actions: Actions, *, everywhere: bool) -> None:
        """Look among resources that do not depend on policy variables.

        Unless `everywhere`, leave out what is like something that was looked at.
        """
        groups = self._groups(actions, self._atlas.survey, actions.service.forms, frozenset())
        free = actions.are_free
        if not everywhere:
            groups = {
                group: spots
                for group, spots in groups.items()
                if (actions.held, free, group) not in self._seen
            }
        self._seen.update((actions.held, free, group) for group in groups)
        for rank, caller in self._callers(actions):
            self._meet(actions, self._scene(caller, rank, {}), groups)

    def _look_by_variables(self, actions: Actions) -> None:
        """Look among resources that depend on policy variables, region by region."""
        if not any(self._rules.rules[place].resource_variables for place in bits(actions.held)):
            return
        regions: dict[Region, dict[Form, None]] = {}
        for form, place in self._spots(actions, self._atlas.survey, actions.service.forms):
            region = place.region(actions.held)
            if region and self._differ(place.may_match(actions.held)):
                regions.setdefault(region, {})[form] = None
        for region, forms in regions.items():
            self._explore(actions, region, tuple(forms))

    def _explore(self, actions: Actions, region: Region, forms: tuple[Form, ...]) -> None:
        relevant = self._atlas.survey.relevant()
        known: dict[Places, dict[Group, Spots]] = {}
        for rank, caller in self._callers(actions):
            for valuation in self._atlas.variables.valuations(region - caller.keys.keys()):
                scene = self._scene(caller, rank, valuation)
                places = self._atlas.places(region, scene.known, relevant)
                if places not in known:
                    known[places] = self._groups(actions, places, forms, region)
                self._meet(actions, scene, known[places])

    def _scene(self, caller: Caller, rank: int, valuation: Filling) -> Scene:
        known = {**caller.keys, **valuation}
        return Scene(caller, rank, valuation, known, self._atlas.settled(known.keys() | {OWNER}))

    def _callers(self, actions: Actions) -> Iterator[tuple[int, Caller]]:
        """The classes of callers for whom the actions can tell the policies apart, with their ranks."""
        for rank, caller in enumerate(self._atlas.callers):
            self._budget.spend()
            free = actions.are_free and caller.insider
            if self._rank in (None, rank) and not free and self._differ(actions.held & caller.alive):
                yield rank, caller

    def _spots(self, actions: Actions, places: Places, forms: Iterable[Form]) -> Iterator[tuple[Form, Place]]:
        resource = self._focus.resource
        for form in forms:
            if taken := form.actions & actions.mask:
                if resource is None:
                    found = places.of(form, actions.service.first(taken))
                else:
                    found = places.only(resource)
                for place in found:
                    yield form, place

    def _groups(
        self, actions: Actions, places: Places, forms: Iterable[Form], region: Region
    ) -> dict[Group, Spots]:
        """The resources of a region, by what of them matters."""
        groups: dict[Group, Spots] = {}
        for form, place in self._spots(actions, places, forms):
            if place.region(actions.held) == region:
                trial = form.trial or actions.service.first(form.actions & actions.mask)
                group = Group(place.matches & actions.held, place.owner, trial)
                groups.setdefault(group, []).append((form, place))
        return groups

    def _meet(self, actions: Actions, scene: Scene, groups: Mapping[Group, Spots]) -> None:
        """Bring a class of callers to resources, with every way to fill the variables in conditions."""
        atlas = self._atlas
        met: set[Hashable] = set()
        for group, spots in groups.items():
            self._budget.spend()
            live = scene.caller.alive & group.matches
            if not self._differ(live):
                continue
            if not atlas.owner_matters:  # then of the account only this does: may it be the caller's?
                meeting = (group.matches, group.trial, group.owner and scene.caller.at(group.owner) is None)
                if meeting in met:
                    continue
                met.add(meeting)
            named = atlas.keys_named(live)
            for valuation in atlas.variables.valuations(named - scene.known.keys()):
                here, alive = scene, live
                if valuation:
                    here = self._scene(scene.caller, scene.rank, {**scene.valuation, **valuation})
                if named or here.valuation:
                    alive &= ~atlas.failing(live, here.known, here.sign)
                if self._differ(alive):
                    self._settle(actions, here, group, spots, alive)

    def _settle(self, actions: Actions, scene: Scene, group: Group, spots: Spots, live: int) -> None:
        """Caller, action and resource are settled; look for the values of condition keys."""
        sign = scene.sign if self._atlas.keys_named(live) else scene.valuation.get(OWNER, "")
        question = (scene.rank, live, group.owner, group.trial, scene.settled, sign)
        if question in self._barren:
            return
        barren = True
        for standing in self._standings(scene, group.owner):
            alive = self._owned(scene, standing, group, live)
            another_side = standing.crosses or group.trial != PLAIN
            for consenting in (False, True) if another_side else (False,):
                enough = sufficient(
                    self._rules.kind,
                    standing.principal,
                    Circumstances(group.trial, standing.crosses),
                    consenting,
                )
                strong = alive & ~self._weak(scene.caller, alive, enough)
                for direction in (self.wider, self.narrower):
                    if not direction.open or direction.subsumed(strong):
                        continue
                    context = self._solve(direction, scene, strong, Grant.NONE in enough)
                    if context is None:
                        continue
                    barren = False
                    finding = Finding(
                        actions.service,
                        actions.mask,
                        spots,
                        standing.principal,
                        scene.rank,
                        standing.owner,
                        self._spelled(scene, context),
                        consenting,
                        Grant.NONE in enough,
                    )
                    self._budget.spend(_OFFER)
                    direction.offer(finding, self._budget.spent)
        if barren:
            self._barren.add(question)

    def _standings(self, scene: Scene, owner: str) -> Iterator[Standing]:
        """Who may ask for a resource: callers in its owner's account, and callers in another.

        An identity-based policy is about callers of one account: crossing comes up only where it must.
        """
        caller = scene.caller
        numbers = self._atlas.words.numbers
        owners: tuple[str | None, ...] = (owner or caller.example.account,)
        if self._atlas.owner_matters and not owner:
            owners = numbers if caller.insider else (None, *numbers)
        if OWNER in scene.valuation:
            owners = tuple(each for each in owners if each == scene.valuation[OWNER])
        for account in owners:
            given = None if owner else account
            if not caller.insider or account is None:
                yield Standing(caller.example, given if self._atlas.owner_matters else None, False)
                continue
            home = caller.at(account)
            if home is not None:
                yield Standing(home, None, False)
            if home is None or self._rules.kind == "resource":
                away = next((each for place, each in caller.accounts.items() if place != account), None)
                if away is not None:
                    yield Standing(away, given, True)
                elif not owner and not self._atlas.owner_matters:
                    yield Standing(caller.example, _other(numbers, account), True)

    def _owned(self, scene: Scene, standing: Standing, group: Group, live: int) -> int:
        """The statements alive once the account of the resource is known."""
        if not self._atlas.owner_matters:
            return live
        owner = standing.owner or group.owner or standing.principal.account
        known = {**scene.known, OWNER: owner}
        return live & ~self._atlas.failing(live, known, (scene.sign, owner))

    def _weak(self, caller: Caller, alive: int, enough: frozenset[Grant]) -> int:
        """The Allows that do not name the caller closely enough."""
        allows = alive & (self._rules.reference.allows | self._rules.candidate.allows)
        return sum(1 << place for place in bits(allows) if caller.grants[place] not in enough)

    def _solve(self, direction: Direction, scene: Scene, live: int, by_default: bool) -> Context | None:
        """The values of condition keys that make a witness."""
        sign = scene.sign if self._atlas.keys_named(live) else None
        question = (direction is self.wider, live, by_default, scene.settled, sign)
        if question not in self._solved:
            self._solved[question] = self._answer(direction, scene, live, by_default)
        context, gaps = self._solved[question]
        if context is None:
            direction.gaps |= gaps
        return context

    def _answer(
        self, direction: Direction, scene: Scene, live: int, by_default: bool
    ) -> tuple[Context | None, dict[str, None]]:
        """The values of a witness, if there are any, and why values may have been missed."""

        def conditions(rules: int) -> tuple[int, ...]:
            found = {self._rules.rules[place].atoms & ~scene.settled for place in bits(live & rules)}
            return tuple(sorted(found))

        problem = Problem(
            conditions(direction.mine.allows),
            conditions(direction.mine.denies),
            conditions(direction.others.allows),
            conditions(direction.others.denies),
            by_default,
        )
        gaps: dict[str, None] = {}
        options = self._atlas.options(scene.known, gaps)
        return solve(problem, self._atlas.key_of, self._rules.keys, options, self._budget), gaps

    def _spelled(self, scene: Scene, context: Context) -> dict[str, ContextValue]:
        """The keys of the request as the policies spell them, with their values."""
        values = {key: option.value for key, option in context.items()}
        values |= {key: value for key, value in scene.valuation.items() if key != OWNER}
        return {
            self._atlas.spelling(key): value for key, value in sorted(values.items()) if value is not None
        }


def _other(numbers: Sequence[str], account: str) -> str:
    return next(number for number in numbers if number != account)
