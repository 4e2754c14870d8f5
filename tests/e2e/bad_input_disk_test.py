#!/usr/bin/env python3
"""Bad input: disks that are full, folders that can't be written, a folder another run is using."""
import fcntl
import json
import os
import subprocess

import harness
from bad_input import BadInputTest, Row, patient

BIG = [json.dumps({"studyKey": "KEY", "formKey": "AE", "recordId": 1000 + n, "subjectKey": patient(n),
                   "recordData": {"noise": os.urandom(700).hex()}}) for n in range(3000)]  # about 2 MB that do not compress


def can_mount():
    """Why no small file system can be mounted here; none: it can."""
    if os.geteuid() != 0:
        return "mounting a small file system needs root"
    folder = harness.tempfile.mkdtemp(prefix="imednet-e2e-mount-")
    try:
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", folder], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            return f"no small file system can be mounted here: {done.stderr.strip()}"
        subprocess.run(["umount", folder], check=True)
        return None
    finally:
        os.rmdir(folder)


def mounted(case, size="64k", *, read_only=False):
    """A file system of that size in the row's own folder, gone with the row."""
    folder = case.folder / "disk"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder], check=True)
    case.closers.append(lambda: subprocess.run(["umount", folder], check=True))
    if read_only:
        subprocess.run(["mount", "-o", "remount,ro", folder], check=True)
    return folder


def staging(size="64k", read_only=False, below=""):
    def arrange(case):
        case.options += ["--local-staging-dir", mounted(case, size, read_only=read_only) / below]
    return arrange


def temporary_folder(size):
    """TMPDIR itself is the small file system."""
    def arrange(case):
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", case.tmp], check=True)
        case.closers.append(lambda: subprocess.run(["umount", case.tmp], check=True))
    return arrange


def manifest_at(place):
    def arrange(case):
        case.options[case.options.index("--manifest-path") + 1] = place(case)
    return arrange


def full_disk_manifest(case):
    folder = mounted(case)
    (folder / "in the way").write_bytes(b"x" * 65536)
    return folder / "manifest.jsonl"


def no_part_is_left(case):
    case.test.assertEqual([path.name for path in (case.folder / "disk").rglob("*.part")], [])


def rows_are_in_and_the_next_run_says_so(case):
    """The batch is loaded and in the ledger; only its line is missing."""
    case.options[case.options.index("--manifest-path") + 1] = case.manifest
    case.run()
    case.test.assertEqual((case.result.code, case.result.last_line), (0, "Loaded 0 rows"), case.result)


def used_by_another_run(case):
    """Another run holds the part file of the same batch, as this program marks it."""
    folder = case.folder / "staged"
    folder.mkdir(mode=0o700)
    part = open(folder / f"{case.key}_records_0.parquet.part", "wb")
    fcntl.flock(part, fcntl.LOCK_EX)
    case.closers.append(part.close)
    case.options += ["--local-staging-dir", folder]


ROWS = (
    Row("a temporary folder that is full", 3, "No space left", "room|space", arrange=temporary_folder("256k"), records=BIG),
    Row("a staging folder that is full", 3, "No space left", "room|space", arrange=staging("256k"), records=BIG, check=no_part_is_left),
    Row("a staging folder that can't be written", 2, "keep staged files in .*[Rr]ead-only", "--local-staging-dir", arrange=staging(read_only=True)),
    Row("a staging folder to be made where nothing can be written", 2, "keep staged files in .*[Rr]ead-only", "--local-staging-dir",
        arrange=staging(read_only=True, below="staged")),
    Row("a manifest where nothing can be written", 2, "open the manifest .*[Rr]ead-only", ".",
        arrange=manifest_at(lambda case: mounted(case, read_only=True) / "manifest.jsonl")),
    Row("a manifest on a full disk", 3, "manifest.*No space left", ".", loaded=3, arrange=manifest_at(full_disk_manifest),
        check=rows_are_in_and_the_next_run_says_so),
    Row("a staging folder that another run is using", 10, "DISK_6|another", ".", arrange=used_by_another_run),
)


class BadDisk(BadInputTest):
    group, table_of_rows = "disk", ROWS

    def run_row(self, row, number):
        if row.arrange is not used_by_another_run:
            reason = can_mount()
            if reason:
                self.skipTest(reason)
        super().run_row(row, number)


del BadInputTest

if __name__ == "__main__":
    harness.main()
