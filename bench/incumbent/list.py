#!/usr/bin/env python3
"""The records of a study by the Python SDK, one JSON object a line: the loop that its pages show. Keys and address come from the environment."""
import os
import sys

from imednet import ImednetSDK

for record in ImednetSDK(base_url=os.environ["IMEDNET_BASE_URL"]).records.list(study_key=sys.argv[1]):
    print(record.model_dump_json(by_alias=True))
