#!/usr/bin/env python3
"""Runs that end at every failpoint in every mode: killed, stopped or out of disk space there, the table holds the old or the new rows, and the next run ends with
exactly the API's, each record once, and with nothing left over."""
import concurrent.futures
import itertools
import pathlib
import shutil
import tempfile
import time
import unittest

import harness
from harness import SandboxTest, run, write_study
from kill_chain import Case, Chain
from own_study import small_records

MODES = ("first", "auto", "replace", "append")
AT_ONCE = 4  # chains of a mode, each with its own study: other runs go on beside the dead ones, and must not be taken for such

# Statements with an effect: ended before they are sent and after they were answered. Of the others, which only ask, once each.
EFFECTS = {"begin", "commit", "copy", "create", "delete", "insert", "ledger-create", "ledger-insert", "ledger-supersede", "lease-beat", "lease-check",
           "lease-create", "lease-release", "lease-take", "mark", "merge", "put", "temporary"}
REPEATED = {"manifest_written", "statement_answered/put", "statement_answered/temporary", "statement_answered/lease-create",
            "statement_answered/ledger-insert"}  # also at their last time
CROSSED = {"state_synced/loading", "statement_answered/copy", "statement_answered/commit", "manifest_write"}  # with each of the four ways below
STOPPED = {"statement_send/copy", "statement_answered/copy", "statement_send/commit", "body_part"}  # also by SIGINT, once and twice
FULL = {"state_write", "state_written", "manifest_write", "file_write", "staged_write"}  # the disk, too
WAYS = list(itertools.product((False, True), repeat=2))  # staged files kept, local state lost


def cases_of(points, everything):
    """The cases of one mode for the points that a run of it passes; without `everything` those in which the modes may differ, and each point at least once."""
    cases, ways, seen = [], itertools.cycle(WAYS), set()
    for place, times in points.items():
        name, _, what = place.partition("/")
        is_effect = what in EFFECTS or name == "state_synced" or not what
        if name == "statement_send" and not is_effect:
            continue
        if not everything and not is_effect and name in seen:
            continue
        seen.add(name)
        for way in WAYS if everything and place in CROSSED else [next(ways)]:
            cases.append(Case(place, 1, "kill", *way))
        if times > 1 and place in REPEATED:
            cases.append(Case(place, times, "kill", *next(ways)))
        if everything and name in FULL and what != "ended":  # after that line, a full disk keeps no run from having been good
            cases.append(Case(place, 1, "enospc", *next(ways)))
        if everything and place in STOPPED:
            cases += [Case(place, 1, "int", *next(ways)), Case(place, 1, "int-twice", *next(ways))]
    return cases


class Matrix(SandboxTest):
    """One sandbox for all of it, one study and table for each chain."""
    shown = []

    @classmethod
    def setUpClass(cls):
        studies = pathlib.Path(tempfile.mkdtemp(prefix="imednet-e2e-studies-"))
        cls.addClassCleanup(shutil.rmtree, studies, True)
        cls.options = ["--allow-faults"]
        for key in (f"KILL_{mode.upper()}_{n}" for mode in MODES for n in range(AT_ONCE)):
            cls.options += ["--studies", write_study(studies / key, key, small_records(key))]
        super().setUpClass()
        cls.names = run([harness.BIN / "imednet-failing"], harness.plain_environment(IMEDNET_FAILPOINT="list")).stdout.split()

    @classmethod
    def tearDownClass(cls):
        print("".join(f"kill matrix: {line}\n" for line in cls.shown), end="", flush=True)
        super().tearDownClass()

    def chain(self, mode, number):
        chain = Chain(self.sandbox, self.own / str(number), f"KILL_{mode.upper()}_{number}", mode)
        self.addCleanup(chain.close)
        return chain

    def try_cases(self, chain, cases):
        """What went wrong; and of each case's place whether the new rows stood there."""
        wrong, stood = [], []
        for number, case in cases:
            try:
                is_new = chain.try_case(case)
                if case.action == "kill" and case.nth == 1:
                    stood.append((number, case.place, is_new))
            except AssertionError as error:
                wrong.append(f"{chain.mode} {case}: {error}")
                if len(wrong) == 3:
                    break  # what it left makes what follows worthless
        return wrong, stood

    def go_through(self, mode):
        started = time.monotonic()
        chains = [self.chain(mode, number) for number in range(AT_ONCE)]
        with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
            points = list(pool.map(Chain.points, chains))[0]
            cases = cases_of(points, everything=mode == "auto")
            # In turns: each has early and late places, in the order of a run.
            done = list(pool.map(lambda n: self.try_cases(chains[n], list(enumerate(cases))[n::AT_ONCE]), range(AT_ONCE)))
        wrong = [line for lines, _ in done for line in lines]
        self.assertEqual(wrong, [], "\n".join(wrong))
        self.assertEqual({case.place.partition("/")[0] for case in cases}, set(self.names), "a failpoint that this mode never passes")
        stood = sorted(one for _, some in done for one in some)  # in the order of a run: old rows up to one place, the new ones from there on
        self.assertEqual([is_new for _, _, is_new in stood], sorted(is_new for _, _, is_new in stood), stood)
        turning = next((place for _, place, is_new in stood if is_new), "no place")
        self.assertNotIn(turning, ("no place", stood[0][1]))
        self.shown.append(f"{mode}: {len({case.place for case in cases})} places, {len(cases)} cases, {time.monotonic() - started:.0f} s; "
                          f"the new rows stand there from {turning} on")
        print(self.shown[-1], flush=True)

    def test_first_load(self):
        self.go_through("first")

    def test_changed_study_that_is_merged(self):
        self.go_through("auto")

    def test_replace(self):
        self.go_through("replace")

    def test_append(self):
        self.go_through("append")


class Product(unittest.TestCase):
    def test_program_that_is_shipped_holds_no_failpoint(self):
        names = run([harness.BIN / "imednet-failing"], harness.plain_environment(IMEDNET_FAILPOINT="list")).stdout.split()
        self.assertGreater(len(names), 15)
        words = [name.encode() for name in names] + [b"IMEDNET_FAILPOINT"]
        armed, shipped = ((harness.BIN / name).read_bytes() for name in ("imednet-failing", "imednet"))
        self.assertEqual([word for word in words if word not in armed], [])
        self.assertEqual([word for word in words if word in shipped], [])

    def test_order_that_could_never_fire_is_refused(self):
        for order in ("copy", "nowhere:1:kill", "staged_named:0:kill", "staged_named:1:explode"):
            result = run([harness.BIN / "imednet-failing", "--version"], harness.plain_environment(IMEDNET_FAILPOINT=order))
            self.assertEqual(result.code, 64, (order, result))


if __name__ == "__main__":
    harness.main()
