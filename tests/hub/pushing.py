"""Pushes as the tests of the Hub make them: whose tokens, which requests, which run."""

from gan.generator.folder import read_source
from gan.hub.accounts import sign_in
from gan.hub.bundle import Bundle, make_bundle
from gan.hub.push import Pushed, PushRequest, push
from gan.recipes.table import RECIPES
from gan.runs.run import Run

ADA, BOB, CARL = "hf_adas_own_token", "hf_bobs_own_token", "hf_carls_own_token"
RECIPE = RECIPES["mlp"].with_changes({"hidden": (8, 12), "latent_size": 5, "batch_size": 7})
PNG = b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + b"\0\0\0\x08\0\0\0\x08" + bytes(40)


def parcel_for(run: Run, repo_id="ada/digits", **more) -> Bundle:
    return make_bundle(*read_source(run.path), PNG, repo_id, run=run, **more)


def pushed(run, job, repo_id="ada/digits", token=ADA, parcel=None, **order) -> Pushed:
    parcel = parcel or parcel_for(run, repo_id)
    return push(parcel, PushRequest.checked(repo_id, **order), sign_in(token), job)


def commits(hub) -> int:
    return sum(method == "POST" and "/commit/" in path for method, path, *_ in hub.log)


WHOAMI, INFO, CREATE = "/whoami-v2", r"/api/models/ada/digits(\?|$)", "/repos/create"
BATCH, UPLOAD, COMMIT = "/objects/batch", "/lfs-upload/", "/commit/"
LIMIT = {"RateLimit": '"api";r=0;t=55', "RateLimit_Policy": '"fixed window";"api";q=500;w=300'}
