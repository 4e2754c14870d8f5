"""The matrix of a run as Markdown, kept between two marks of docs/sandbox-clients.md."""
from clients import TITLES
from quirks import QUIRKS

BEGIN, END = "<!-- matrix: written by run.py --write-docs -->", "<!-- end of the matrix -->"
PASS, NOT_POSSIBLE, FAILED = "pass", "not possible", "FAILED"


def reasons():
    """Of each quirk its number; one reason has one number, however often it stands in the table."""
    numbers = {}
    for (client, _), quirk in QUIRKS.items():
        numbers.setdefault((client, quirk.why), len(numbers) + 1)
    return numbers


def matrix(steps, found):
    numbers = reasons()

    def cell(client, title):
        result, _, used, _ = found[client][title]
        marks = sorted({numbers[client, QUIRKS[client, name].why] for name in used})
        return result + "".join(f" [{mark}](#q{mark})" for mark in marks)

    lines = ["| step | " + " | ".join(TITLES.values()) + " |", "|---" * (len(TITLES) + 1) + "|"]
    group = None
    for step in steps:
        if step.group != group:
            group = step.group
            lines.append(f"| **{group}** |" + " |" * len(TITLES))
        lines.append(f"| {step.name} | " + " | ".join(cell(client, step.title) for client in TITLES) + " |")
    everything = [result for results in found.values() for result in results.values()]
    plain = sum(result == PASS and not used for result, _, used, _ in everything)
    quirky = sum(result == PASS and bool(used) for result, _, used, _ in everything)
    impossible = sum(result == NOT_POSSIBLE for result, _, _, _ in everything)
    counts = (f"{len(steps)} steps with {len(TITLES)} clients are {len(everything)} results: {plain} as all clients should, "
              f"{quirky} in the client's own way, {impossible} not possible with that client.")
    notes = [f"{number}. <a name=\"q{number}\"></a>{TITLES[client]}: {why}" for (client, why), number in numbers.items()]
    return "\n".join([counts, "", *lines, "", *notes])


def page_with(text, table):
    head, begin, rest = text.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not begin or not end:
        raise ValueError("the page has no marks for the matrix")
    return f"{head}{BEGIN}\n\n{table}\n\n{END}{tail}"
