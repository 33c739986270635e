"""What Python's own clients are given by the server that the environment names. Prints one line of JSON."""

import json
import os

import msal
import requests

AUTHORITY = os.environ["AUTHORITY"]
TENANT = os.environ["TENANT"]
CA = os.environ["CA"]
GRAPH = "https://graph.microsoft.com/.default"
results = {"versions": {"msal": msal.__version__, "requests": requests.__version__}}


def confidential(secret):
    return msal.ConfidentialClientApplication(
        os.environ["CLIENT"],
        authority=f"{AUTHORITY}/{TENANT}",
        client_credential=secret,
        instance_discovery=False,
        verify=CA,
    )


app = confidential(os.environ["SECRET"])
first = app.acquire_token_for_client([GRAPH])
# Before 1.23 an application asked the cache by itself.
again = app.acquire_token_silent([GRAPH], account=None) or {}
results["msal"] = {**first, "isCached": again.get("access_token") == first.get("access_token")}
results["msalWrongSecret"] = confidential("wrong").acquire_token_for_client([GRAPH])

public = msal.PublicClientApplication(
    os.environ["PUBLIC_CLIENT"],
    authority=f"{AUTHORITY}/{TENANT}",
    instance_discovery=False,
    verify=CA,
)
flow = public.initiate_device_flow([f"{AUTHORITY}/AdvancedHunting.Read"])
results["deviceFlow"] = {name: flow.get(name) for name in ("user_code", "verification_uri", "expires_in", "error")}
scopes = [f"{AUTHORITY}/AdvancedHunting.Read"]
# MSAL's own password flow first asks port 443 of the host, whatever the port of the authority.
given = requests.post(
    f"{AUTHORITY}/{TENANT}/oauth2/v2.0/token",
    data={
        "grant_type": "password",
        "client_id": os.environ["PUBLIC_CLIENT"],
        "username": os.environ["USER_NAME"],
        "password": os.environ["USER_PASSWORD"],
        "scope": " ".join(["openid profile offline_access", *scopes]),
    },
    verify=CA,
).json()
results["user"] = public.acquire_token_by_refresh_token(given.get("refresh_token", ""), scopes)
accounts = public.get_accounts()
silent = public.acquire_token_silent(scopes, accounts[0], force_refresh=True) if accounts else {}
results["refreshed"] = {"accounts": [account["username"] for account in accounts], **(silent or {})}

# A form and JSON as `requests` writes them: no charset, keep-alive, `Accept-Encoding: gzip, deflate`.
session = requests.Session()
session.verify = CA
answer = session.post(
    f"{AUTHORITY}/{TENANT}/oauth2/token",
    data={
        "grant_type": "client_credentials",
        "client_id": os.environ["CLIENT"],
        "client_secret": os.environ["SECRET"],
        "resource": AUTHORITY,
    },
)
bearer = {"Authorization": "Bearer " + answer.json()["access_token"]}
url = f"{AUTHORITY}/api/advancedhunting/run"
hunted = session.post(url, headers=bearer, json={"Query": "range N from 1 to 3 step 1"})
refused = session.post(url, headers=bearer, data=json.dumps({"Query": "nonsense"}))
results["requests"] = {
    "rows": hunted.json().get("Results"),
    "refused": [refused.status_code, refused.json()["error"]["code"]],
}
print(json.dumps(results))
