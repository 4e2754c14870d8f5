"""The one list of steps, the same for every client; each file below adds its group."""
import dataclasses
import typing

FORMATS = ("JSON", "Arrow")


@dataclasses.dataclass
class Step:
    group: str
    name: str
    action: typing.Callable
    live: bool  # makes sense against a real account too
    output_format: str = "JSON"

    @property
    def title(self):
        return f"{self.group}: {self.name}"


STEPS = []


def step(group, name, live=True, formats=("JSON",)):
    """Adds the function as a step; with several formats, one for each."""
    def add(action):
        for one in formats:
            STEPS.append(Step(group, name if len(formats) == 1 else f"{name}, {one}", action, live, one))
        return action
    return add


def all_steps():
    # Their order is that of the page; sign-in comes first, since it leaves the session that the others use.
    import steps_sign_in  # noqa: F401  pylint: disable=unused-import,import-outside-toplevel
    import steps_queries  # noqa: F401  pylint: disable=unused-import,import-outside-toplevel
    import steps_stage  # noqa: F401  pylint: disable=unused-import,import-outside-toplevel
    import steps_session  # noqa: F401  pylint: disable=unused-import,import-outside-toplevel
    groups = list(dict.fromkeys(one.group for one in STEPS))
    return sorted(STEPS, key=lambda one: groups.index(one.group))
