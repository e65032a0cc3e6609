from dragoman.billing.amounts import MAX_TOKENS


def amounts(answer):
    return tuple(answer.json()[name] for name in ("balance", "reserved", "available"))


def test_the_life_of_an_account(desk):
    made = desk.ask("POST", "/v1/accounts", {"name": "acme", "tokens": 20})
    assert made.status_code == 201
    assert amounts(made) == (20, 0, 20)
    assert desk.ask("GET", "/v1/accounts/acme").json() == made.json()
    assert desk.ask("GET", f"/v1/accounts/{made.json()['id']}").json() == made.json()
    assert made.json() in desk.ask("GET", "/v1/accounts").json()
    assert desk.ask("GET", "/v1/accounts/acme/usage").json() == []
    key = desk.ask("POST", "/v1/accounts/acme/keys", {}).json()["key"]
    assert desk.ask("GET", "/v1/account", key=key).status_code == 200
    for _ in range(2):
        assert desk.ask("DELETE", "/v1/accounts/acme").status_code == 204
    assert desk.ask("GET", "/v1/accounts/acme").json()["closed_at"] is not None
    refused = desk.ask("GET", "/v1/account", key=key)
    assert (refused.status_code, refused.json()["code"]) == (403, "account_closed")
    assert desk.grant("acme", 1, "late").json()["code"] == "account_closed"
    again = desk.ask("POST", "/v1/accounts", {"name": "acme"})
    assert (again.status_code, again.json()["code"]) == (409, "account_exists")


def test_a_grant_counts_once(desk):
    desk.ask("POST", "/v1/accounts", {"name": "twice"})
    first, second = (desk.grant("twice", 7, "order 1") for _ in range(2))
    assert first.status_code == second.status_code == 201
    assert first.json() == second.json()
    assert amounts(first) == (7, 0, 7)
    other = desk.grant("twice", 8, "order 1")
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_conflict")
    assert desk.grant("demo", 1, "order 1").status_code == 201  # keys are each account's own
    assert desk.ask("GET", "/v1/accounts/twice").json()["balance"] == 7
    assert desk.grant("twice", MAX_TOKENS, "too much").json()["code"] == "invalid_amount"


def test_a_grant_needs_an_idempotency_key(desk):
    refused = desk.ask("POST", "/v1/accounts/demo/grants", {"tokens": 1})
    assert refused.status_code == 422
    assert "idempotency-key" in refused.json()["message"].lower()


def test_odd_names(desk):
    assert desk.ask("POST", "/v1/accounts", {"name": " x"}).json()["code"] == "invalid_option"
    assert desk.ask("POST", "/v1/accounts", {"name": "año 東京", "tokens": 1}).status_code == 201
    assert desk.ask("GET", "/v1/accounts/año 東京").json()["name"] == "año 東京"
    assert desk.ask("GET", "/v1/accounts/nobody").status_code == 404
    assert desk.ask("GET", "/v1/accounts/acc_nobody").status_code == 404
    assert desk.ask("GET", "/v1/accounts/%00").status_code == 422


def test_accounts_come_in_pages(desk):
    for name in ("page 1", "page 2", "page 3"):
        desk.ask("POST", "/v1/accounts", {"name": name})
    page = desk.ask("GET", "/v1/accounts?limit=2&after=page 1").json()
    assert [account["name"] for account in page] == ["page 2", "page 3"]
    assert len(desk.ask("GET", "/v1/accounts?limit=1").json()) == 1
    for query in ("limit=0", "limit=1001", "limit=x", "after=%00"):
        assert desk.ask("GET", f"/v1/accounts?{query}").status_code == 422


def test_administration_needs_its_scope(desk):
    for method, path, body in (
        ("POST", "/v1/accounts", {"name": "mine"}),
        ("GET", "/v1/accounts", None),
        ("GET", "/v1/accounts/demo", None),
        ("GET", "/v1/accounts/nobody", None),  # whether there is such an account is not told either
        ("DELETE", "/v1/accounts/demo", None),
        ("GET", "/v1/accounts/demo/usage", None),
        ("POST", "/v1/accounts/demo/keys", {}),
        ("GET", "/v1/accounts/demo/keys", None),
        ("DELETE", "/v1/keys/nokey", None),
    ):
        refused = desk.ask(method, path, body, key=desk.key)
        assert (refused.status_code, refused.json()["code"]) == (403, "scope_missing")
        assert desk.ask(method, path, body, key="").status_code == 401
