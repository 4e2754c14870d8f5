"""What the older SDK, the Python package imednet, reads: one JSON object on standard output. Runs in .deps/python-sdk.

Standard input: {"lists": [[resource, study], …], "jobs": [[study, batch], …], "gets": [[resource, study, id], …]}; the answers come in that order.
A time is {"time", "zone": whether it knows its zone}, in UTC where it does. "mended": a list failed, and this element was read by its model alone,
without the times of roles and with [] for "" in place of a list.
"""
import datetime
import json
import sys
import typing
import warnings

import imednet
from imednet.core.paginator import Paginator
from imednet.errors import ImednetError


def plain(value):
    if isinstance(value, datetime.datetime):
        zone = value.tzinfo is not None
        bare = value.astimezone(datetime.timezone.utc).replace(tzinfo=None) if zone else value
        return {"time": bare.isoformat(timespec="microseconds"), "zone": zone}
    if isinstance(value, list):
        return [plain(one) for one in value]
    return fields(value) if hasattr(type(value), "model_fields") else value


def fields(model):
    return {field.alias: plain(getattr(model, name)) for name, field in type(model).model_fields.items()}


def mended(model, item):
    lists = {field.alias for field in model.model_fields.values() if typing.get_origin(field.annotation) is list}
    item = {name: [] if name in lists and value == "" else value for name, value in item.items()}
    if isinstance(item.get("roles"), list):
        item["roles"] = [{name: value for name, value in role.items() if not name.startswith("date")} for role in item["roles"]]
    return item


def read_alone(model, item):
    try:
        return {"fields": fields(model.from_json(item))}
    except ValueError:
        try:
            return {"fields": fields(model.from_json(mended(model, item))), "mended": True}
        except ValueError as error:
            return {"error": type(error).__name__}


def listed(sdk, resource, study):
    endpoint, choice = getattr(sdk, resource), {"include_inactive": True} if resource == "users" else {}
    key = [] if resource == "studies" else [study]
    try:
        return {"elements": [{"fields": fields(one)} for one in endpoint.list(*key, **choice)]}
    except ValueError as error:  # pydantic's
        state = endpoint._prepare_list_request(*(key or [None]), None, choice, True)
        items = Paginator(endpoint._client, state.path, params=state.params)
        return {"error": type(error).__name__, "elements": [read_alone(endpoint.MODEL, item) for item in items]}


def got(sdk, resource, study, id):
    try:
        return {"fields": fields(getattr(sdk, resource).get(None if resource == "studies" else study, id))}
    except (ImednetError, ValueError) as error:
        return {"error": type(error).__name__}


def job_of(sdk, study, batch):
    job = sdk.jobs.get(study, batch)
    return {"fields": {**fields(job), "isTerminal": job.is_terminal, "hasFailed": job.is_failed}}


def main():
    warnings.simplefilter("ignore")
    question, sdk = json.load(sys.stdin), imednet.ImednetSDK()
    began = datetime.datetime.now()
    answer = {"lists": [listed(sdk, *one) for one in question["lists"]], "jobs": [job_of(sdk, *one) for one in question["jobs"]],
              "gets": [got(sdk, *one) for one in question["gets"]]}
    ended = datetime.datetime.now()
    print(json.dumps({**answer, "time": [moment.isoformat(timespec="microseconds") for moment in (began, ended)]}))


if __name__ == "__main__":
    main()
