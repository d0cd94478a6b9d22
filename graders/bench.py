"""The bench: the two warm parents that judging needs, each started when it is first used."""

from __future__ import annotations

import hashlib
import secrets
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from types import TracebackType
from typing import TYPE_CHECKING, Self, TypeVar

from graders.box import Boxes, Limits
from labs.errors import EnvironmentFailure, SandboxError

if TYPE_CHECKING:
    from labs.course import CodeExercise, Variant, WorldExercise
    from labs.sandbox import Nursery, World
    from labs.sandbox.launching import Launched
    from labs.sandbox.world import Prepare

__all__ = ["Bench"]

Told = TypeVar("Told")


class Bench:
    """Worlds and boxes for judging; pure kinds start neither, and threads may share one bench.

    A learner's own machine may run the learner's own code even where it cannot shut it in fully; the report
    says so then. Whoever judges the work of others says `allow_reduced=False`, as `grade_folder` does.

    `ready` worlds wait for a learner who opens one; judging takes none of these. `worlds` is in how many
    hidden worlds a program must do what is asked, where that is not left to the exercise; they are entered
    side by side, so that who waits for the mark has it sooner. Where `many` pieces of work are judged one
    after another they are entered one by one, so that nothing is spent on others once a program has failed
    in one, and processes take some time and memory at first to be quicker then. From `secret` the variants
    of the hidden worlds are drawn; without one nobody knows them. `launched` is the parent process of the
    worlds, where somebody has launched it before, and is the bench's from then on. A process that is `alone`,
    in that its clients of AWS speak to worlds and to nobody else, has quicker ones from the first world on.
    """

    def __init__(
        self,
        *,
        allow_reduced: bool = True,
        limits: Limits | None = None,
        ready: int = 0,
        worlds: int | None = None,
        many: bool = False,
        secret: str | None = None,
        launched: Launched | None = None,
        alone: bool = False,
    ) -> None:
        self.allow_reduced = allow_reduced
        self.limits = limits or Limits()
        self._ready = ready
        self._worlds = worlds
        self._many = many
        self._secret = secrets.token_hex() if secret is None else secret
        self._launched = launched
        self._alone = alone
        self._lock = threading.Lock()
        self._warming: threading.Thread | None = None
        self._boxes: Boxes | None = None
        self._nursery: Nursery | None = None
        self._used: list[World] = []
        self._services: Sequence[str] = ()

    @property
    def boxes(self) -> Boxes:
        """Where boxes for student code come from.

        Raises:
            IsolationError: student code cannot be shut in on this machine.
        """
        with self._lock:
            if self._boxes is None:
                self._boxes = Boxes(allow_reduced=self.allow_reduced, services=self._services)
            return self._boxes

    @property
    def nursery(self) -> Nursery:
        """Where fresh worlds come from."""
        with self._lock:
            if self._nursery is None:
                from labs.sandbox import Nursery

                launched, self._launched = self._launched, None
                self._nursery = Nursery(self._ready, launched)
                if self._alone:
                    from labs.sandbox import quick_clients

                    quick_clients.quicken()
            return self._nursery

    def begin(self, *, boxes: bool, services: Sequence[str] = ()) -> None:
        """Begin to warm the parent of worlds, and that of boxes, without waiting.

        Meanwhile this process loads the rules of IAM, by which most worlds are judged, and what clients of
        these services are made from, and of IAM. What fails is told to whoever needs it later.
        """
        self._services = services

        def start() -> None:
            with suppress(EnvironmentFailure):
                if boxes:
                    self.boxes.start()
            with suppress(EnvironmentFailure):
                _ = self.nursery
            import labs.aws.iam  # noqa: F401
            from labs.sandbox import clients

            clients.load({*services, "iam"})

        self._warming = threading.Thread(target=start, name="bench", daemon=True)
        self._warming.start()

    @property
    def is_cold(self) -> bool:
        """Whether neither parent has been needed yet."""
        return self._boxes is None and self._nursery is None

    def worlds_for(self, exercise: CodeExercise) -> int:
        """In how many hidden worlds a program of this exercise must do what is asked."""
        return self._worlds or exercise.worlds

    def in_each_world(self, run: Callable[[int], Told], worlds: int) -> Iterator[Told]:
        """What `run` tells of each hidden world, by its number from 0 on and in that order."""
        if worlds == 1 or self._many:
            yield from map(run, range(worlds))
            return
        with ThreadPoolExecutor(worlds, "hidden world") as pool:
            yield from pool.map(run, range(worlds))

    def hidden_variant(self, exercise: CodeExercise, number: int, draw: str) -> Variant:
        """A variant that the student has not seen, and that nobody can work out: the number-th of a draw.

        The same draw gives the same one, wherever and however often it is asked for.
        """
        return exercise.variant(f"{self._secret}/{draw}", number)

    @contextmanager
    def hidden_world(
        self,
        exercise: CodeExercise | WorldExercise,
        variant: Variant,
        *,
        seed: int | None = None,
        again: bool = False,
    ) -> Iterator[World]:
        """A fresh world, prepared for this variant, that nobody has seen, for as long as the block lasts.

        The seed of a variant can be worked out by anyone, and from it a student could make the same world at
        home and take the keys of its other users from there. So the seed is drawn from the secret, but for
        the replay of a journal, which needs the seed that it was recorded with; and the keys of admin and
        root are other ones in any case.

        Args:
            seed: of the world; by default drawn from the secret.
            again: whether this world will be asked for again, so that it is worth keeping as it was prepared.

        Raises:
            SandboxError: no world can be started on this machine.
        """
        world = self._fresh_world(
            seed=self._drawn(variant) if seed is None else seed,
            prepare=lambda world: exercise.prepare(world, variant),
            name=f"{exercise.id}/{variant.seed}" if again else None,
        )
        try:
            yield world
        except BaseException:
            world.close()
            raise
        self._used.append(world)

    def _drawn(self, variant: Variant) -> int:
        """The seed of a hidden variant's world: with it, its ids are the same too."""
        text = f"{self._secret}/{variant.exercise.id}/{variant.seed}"
        return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big")

    def _fresh_world(self, *, seed: int, prepare: Prepare, name: str | None) -> World:
        """A fresh world: in the place of one that has been judged, else in a process of its own.

        Under a name it is kept as it was prepared, which costs more than all that follows.
        """
        secret = secrets.token_hex()
        while self._used:
            with suppress(IndexError):  # another thread may be quicker
                used = self._used.pop()
                with suppress(SandboxError):
                    if name in used.kept:
                        return used.renew_as(name)
                    return _kept(used.renew(seed, prepare, secret=secret), name)
                used.close()
        nursery = self.nursery
        try:
            world = self._born(nursery, seed, prepare, secret)
        except SandboxError:  # the parent may have been killed; a new one is tried once
            self._forget(nursery)
            world = self._born(self.nursery, seed, prepare, secret)
        return _kept(world, name)

    def _born(self, nursery: Nursery, seed: int, prepare: Prepare, secret: str) -> World:
        return nursery.world(
            seed=seed, secret=secret, prepare=prepare, memory=False, functions=False, lasting=self._many
        )

    def _forget(self, nursery: Nursery) -> None:
        """Let go of a nursery; where another thread has done so, of nothing."""
        with self._lock:
            if nursery is self._nursery:
                self._used.clear()  # they end with it
                self._nursery = None
                nursery.close()

    def close(self) -> None:
        """End both parents, and with them every world and box."""
        if self._warming is not None:
            self._warming.join()
        with self._lock:
            if self._boxes is not None:
                self._boxes.close()
            self._boxes = None
            launched, self._launched = self._launched, None
        if launched is not None:
            launched.give_up()
        if self._nursery is not None:
            self._forget(self._nursery)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _kept(world: World, name: str | None) -> World:
    if name is not None:
        world.keep(name)
    return world
