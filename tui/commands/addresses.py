"""`skylab cidr`: address blocks taken apart, joined and compared, and plans of subnets made and judged."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from tui.commands.face import NO, YES, face_of

if TYPE_CHECKING:
    from labs.aws.network.addresses import Answer, Block

__all__ = ["cidr"]

HELP = """Take address blocks apart, compare them, and plan subnets.

`skylab cidr 10.0.3.1/28` says what AWS makes of a block. The other forms are below; each takes --json, and
says more with --help. Exit status: 0 for yes (AWS takes it, they join, they lie apart, it fits, the plan
holds), 1 for the honest no, 2 for wrong use.

With --jsonl it answers questions from stdin, one JSON object a line, and a bad one costs only itself. A
question has "id" and "form"; what else it has, and what the answer has beside "id" and "ok", is this:

\b
  dissect    "cidr"
             written cidr version prefix host_bits begins first last netmask
             addresses usable range reserved vpc subnet answers
  split      "cidr", "prefix" or "parts"       cidr prefix usable parts
  join       "cidrs": [...]                    cidrs whole extra
  summarise  "cidrs": [...]                    cidrs whole extra
  exclude    "cidr", "holes": [...]            cidr left outside
  overlap    "cidrs": [...]                    overlap pairs
  subnet     "cidr", "newbits", "netnum"       call cidrs
  subnets    "cidr", "newbits": [4, 4, 8]      call cidrs
  host       "cidr", "number"                  call value
  netmask    "cidr"                            call value
  hosts      "hosts"                           hosts prefix addresses usable
  secondary  "vpc": [...], "cidr"              vpc cidr remarks
  plan       "vpc": "10.0.0.0/22" or [...], "zones": ["a", "b"] or 2,
             "tiers": {"web": 100, "db": "/27", "app": {"hosts", "prefix",
             "growth", "double", "public", "zones"}}, "peers": {"office":
             "10.8.0.0/16"}, "keep_free", "quota", "min_zones"
             the same settled, with subnets free free_percent notes; or
             reason needed available missing smallest_prefix needs violations
  judge      that, with "subnets": [{"tier", "zone", "cidr", "name"}, ...]
             violations: [{property about sentence subnets code
             repair: {sentence changes: [{move to} or {add} or {vpc}]}}]

An error is {"id", "error": {"title", "detail", "hint"}}, with "meant" where a text was nearly a block."""

Json = Annotated[bool, typer.Option("--json", help="Print the result as one line of JSON.")]
BlockText = Annotated[str, typer.Argument(metavar="BLOCK", help="As in 10.0.0.0/16.")]
BlockTexts = Annotated[list[str], typer.Argument(metavar="BLOCK...", help="As in 10.0.0.0/16.")]


class Forms(TyperGroup):
    """The forms of the command; a word that is no form but looks like a block is taken apart."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        first = next((word for word in args if not word.startswith("-")), None)
        if first is not None and first not in self.commands and not first.isalpha():
            args = ["dissect", *args]
        return super().parse_args(ctx, args)


cidr = typer.Typer(cls=Forms, help=HELP, invoke_without_command=True, rich_markup_mode=None)


@cidr.callback()
def _open(
    context: typer.Context,
    jsonl: Annotated[
        bool, typer.Option("--jsonl", help="Answer questions from stdin, one JSON document a line.")
    ] = False,
) -> None:
    if jsonl:
        from labs.aws.network.addresses import answer_question, to_json
        from tui.commands.lines import answer_lines

        answer_lines(lambda asked: to_json(answer_question(asked)))
        raise typer.Exit(YES)
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


@cidr.command()
def dissect(
    context: typer.Context,
    text: Annotated[list[str], typer.Argument(metavar="BLOCK", help="The text to take apart.")],
    as_json: Json = False,
) -> None:
    """Take a block apart: what AWS makes of it, how many addresses it has, and whose they are.

    Exit status 0 when AWS takes it for a VPC or for a subnet, 1 when it takes it for neither.
    """
    from labs.aws.network.addresses import describe

    _give(context, describe(_block(" ".join(text))), as_json)


@cidr.command()
def split(
    context: typer.Context,
    block: BlockText,
    prefix: Annotated[str | None, typer.Argument(metavar="[PREFIX]", help="As in 24, or /24.")] = None,
    parts: Annotated[int | None, typer.Option(metavar="N", help="At least so many equal parts.")] = None,
    as_json: Json = False,
) -> None:
    """Cut a block into equal parts: all /24s of it, or --parts 4."""
    from labs.aws.network.addresses.answers import split_of
    from labs.aws.network.addresses.documents import number_at
    from labs.errors import InputError

    if (prefix is None) == (parts is None):
        raise InputError(
            "A split needs a size",
            "Give either a prefix length or a number of parts.",
            "skylab cidr split 10.0.0.0/16 24, or: skylab cidr split 10.0.0.0/16 --parts 4",
        )
    length = None if prefix is None else number_at(prefix.removeprefix("/"), "The prefix length")
    _give(context, split_of(_block(block), prefix=length, parts=parts), as_json)


@cidr.command()
def join(context: typer.Context, blocks: BlockTexts, as_json: Json = False) -> None:
    """Do blocks join to one? Exit status 1 when more than one block is left."""
    from labs.aws.network.addresses import summarise as fewest
    from labs.aws.network.addresses.answers import Join

    _give(context, Join(fewest(_blocks(blocks)), asked=True), as_json)


@cidr.command()
def summarise(context: typer.Context, blocks: BlockTexts, as_json: Json = False) -> None:
    """The fewest blocks that hold exactly the addresses of the given ones."""
    from labs.aws.network.addresses import summarise as fewest
    from labs.aws.network.addresses.answers import Join

    _give(context, Join(fewest(_blocks(blocks)), asked=False), as_json)


@cidr.command()
def exclude(
    context: typer.Context,
    block: BlockText,
    holes: Annotated[list[str], typer.Argument(metavar="HOLE...", help="What to take away.")],
    as_json: Json = False,
) -> None:
    """What is left of a block when others are taken away."""
    from labs.aws.network.addresses import exclude as without

    _give(context, without(_block(block), _blocks(holes)), as_json)


@cidr.command()
def overlap(context: typer.Context, blocks: BlockTexts, as_json: Json = False) -> None:
    """Do any two of the blocks overlap, and why. Exit status 0 when all are apart, 1 when some overlap."""
    from labs.aws.network.addresses.answers import overlaps_among

    _give(context, overlaps_among(_blocks(blocks)), as_json)


@cidr.command()
def subnet(
    context: typer.Context,
    block: BlockText,
    newbits: Annotated[int, typer.Argument(help="How many bits more the prefix gets.")],
    netnum: Annotated[int, typer.Argument(help="Which of the blocks, from 0.")],
    as_json: Json = False,
) -> None:
    """Terraform's cidrsubnet."""
    from labs.aws.network.addresses import questions

    _give(context, questions.subnet(block, newbits, netnum), as_json)


@cidr.command()
def subnets(
    context: typer.Context,
    block: BlockText,
    newbits: Annotated[
        list[int], typer.Argument(metavar="NEWBITS...", help="The bits more, for each block.")
    ],
    as_json: Json = False,
) -> None:
    """Terraform's cidrsubnets."""
    from labs.aws.network.addresses import questions

    _give(context, questions.subnets(block, tuple(newbits)), as_json)


@cidr.command(context_settings={"ignore_unknown_options": True})
def host(
    context: typer.Context,
    block: BlockText,
    number: Annotated[int, typer.Argument(help="Which address, from 0; a negative number from the end.")],
    as_json: Json = False,
) -> None:
    """Terraform's cidrhost."""
    from labs.aws.network.addresses import questions

    _give(context, questions.host(block, number), as_json)


@cidr.command()
def netmask(context: typer.Context, block: BlockText, as_json: Json = False) -> None:
    """Terraform's cidrnetmask."""
    from labs.aws.network.addresses import questions

    _give(context, questions.netmask(block), as_json)


@cidr.command()
def hosts(
    context: typer.Context,
    number: Annotated[int, typer.Argument(metavar="HOSTS", help="How many hosts.")],
    as_json: Json = False,
) -> None:
    """The smallest subnet for so many hosts, beside the five addresses that AWS keeps."""
    from labs.aws.network.addresses.answers import size_for

    _give(context, size_for(number), as_json)


@cidr.command()
def secondary(
    context: typer.Context,
    blocks: Annotated[
        list[str],
        typer.Argument(
            metavar="VPC_BLOCK... BLOCK", help="Those the VPC has, the primary first; then the new."
        ),
    ],
    as_json: Json = False,
) -> None:
    """Would AWS add a block to a VPC? Exit status 1 when it would not."""
    from labs.aws.network.addresses.answers import secondary as one_more

    *existing, new = _blocks(blocks)
    _give(context, one_more(tuple(existing), new), as_json)


@cidr.command()
def plan(
    context: typer.Context,
    source: Annotated[
        str, typer.Argument(metavar="VPC|FILE", help="The VPC's block; or a .toml or .json file, - is stdin.")
    ],
    tier: Annotated[
        list[str] | None,
        typer.Option(
            "--tier",
            "-t",
            metavar="NAME=SIZE",
            help="Hosts in each zone (web=100) or a size (db=/27); repeat it. Behind a comma each: public, "
            "double or nodouble, growth=1.5, zones=a+b or zones=1.",
        ),
    ] = None,
    zones: Annotated[
        str | None, typer.Option("--zones", "-z", metavar="ZONES", help="Names as in a,b; or how many.")
    ] = None,
    also: Annotated[
        list[str] | None,
        typer.Option("--also", metavar="BLOCK", help="One more block of the VPC; repeat it."),
    ] = None,
    peer: Annotated[
        list[str] | None,
        typer.Option("--peer", metavar="[NAME=]BLOCK", help="A network not to overlap; repeat it."),
    ] = None,
    keep_free: Annotated[
        int | None, typer.Option(metavar="PERCENT", help="How much of the VPC no subnet may take.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Plan a subnet for each tier in each zone, with room to double where it fits.

    \b
    skylab cidr plan 10.0.0.0/22 --zones a,b \\
        --tier web=100,public --tier db=25 --tier ops=10,zones=1

    A tier that says double must get the room; one that says neither gets it where it fits. A file holds what
    a question of --jsonl does. Exit status 1 when it does not fit; the answer then says what is missing.
    """
    from labs.aws.network.addresses import make_plan, requirements_from_document
    from labs.errors import InputError
    from tui.commands.plans import PlanOptions, document_in, is_file

    options = PlanOptions(tuple(tier or ()), zones, tuple(also or ()), tuple(peer or ()), keep_free)
    if is_file(source):
        if options != PlanOptions():
            raise InputError("A file says everything", "Options stand beside it.", "Put them into the file.")
        document = document_in(Path(source))
    else:
        document = options.document(source)
    _give(context, make_plan(requirements_from_document(document)), as_json)


@cidr.command()
def judge(
    context: typer.Context,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="A plan as TOML or JSON; - reads JSON from stdin.")
    ],
    as_json: Json = False,
) -> None:
    """Judge a plan of subnets: every violation with a sentence and a repair.

    Takes what `skylab cidr plan --json` prints. Exit status 1 when something does not hold.
    """
    from labs.aws.network.addresses import judge as judge_plan
    from labs.aws.network.addresses import plan_from_document
    from tui.commands.plans import document_in

    _give(context, judge_plan(plan_from_document(document_in(file))), as_json)


def _give(context: typer.Context, answer: Answer, as_json: bool) -> None:
    """Show an answer, and leave with its verdict."""
    from labs.aws.network.addresses import to_json, verdict

    face = face_of(context)
    if as_json:
        face.data(to_json(answer))
    else:
        from tui.draw.addresses import answer_drawn

        face.show(answer_drawn(answer, plain=face.plain))
    raise typer.Exit(YES if verdict(answer) else NO)


def _block(text: str) -> Block:
    from labs.aws.network.addresses import Block

    return Block.parse(text)


def _blocks(texts: list[str]) -> tuple[Block, ...]:
    return tuple(map(_block, texts))
