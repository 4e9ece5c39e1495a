"""Evaluates IAM policies for iam-fuzz.test.ts, written without a look at Berth's evaluator.

Standard input: a JSON list of cases. Standard output: a JSON list of {"own": decision, "moto": decision or null}.
"own" is a plain reading of the IAM User Guide; "moto" is moto's evaluator, asked only for what it knows: no conditions,
no question marks, no NotResource.
"""
import json
import re
import sys

try:
    from moto.iam.access_control import IAMPolicy, PermissionResult
except Exception:  # not installed: the plain reading alone is asked
    IAMPolicy = None


def as_list(value):
    return value if isinstance(value, list) else [value]


def glob(pattern, text, flags=0):
    regex = "".join(".*" if c == "*" else "." if c == "?" else re.escape(c) for c in pattern)
    return re.fullmatch(regex, text, flags | re.DOTALL) is not None


def number(text):
    try:
        return float(text)
    except ValueError:
        return None


def compare(operator, actual, wanted):
    if operator == "StringEquals":
        return actual == wanted
    if operator == "StringEqualsIgnoreCase":
        return actual.lower() == wanted.lower()
    if operator == "StringLike":
        return glob(wanted, actual)
    if operator == "Bool":
        return actual.lower() == wanted.lower()
    left, right = number(actual), number(wanted)
    if left is None or right is None:
        return False
    return {
        "NumericEquals": left == right,
        "NumericLessThan": left < right,
        "NumericGreaterThanEquals": left >= right,
    }[operator]


NEGATED = {
    "StringNotEquals": "StringEquals",
    "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
    "StringNotLike": "StringLike",
    "NumericNotEquals": "NumericEquals",
}


def holds(operator, key, wanted, context):
    wanted = [str(w) for w in as_list(wanted)]
    actual = next((v for k, v in context.items() if k.lower() == key.lower()), None)
    if operator == "Null":
        return any((w == "true") == (actual is None) for w in wanted)
    quantifier = None
    if ":" in operator:
        quantifier, operator = operator.split(":")
    if_exists = operator.endswith("IfExists")
    if if_exists:
        operator = operator[: -len("IfExists")]
    negated = operator in NEGATED
    base = NEGATED.get(operator, operator)
    if actual is None:
        if if_exists or quantifier == "ForAllValues":
            return True
        return negated and quantifier is None

    def one(value):
        met = any(compare(base, value, w) for w in wanted)
        return not met if negated else met

    results = [one(value) for value in actual]
    if quantifier == "ForAllValues":
        return all(results)
    if quantifier == "ForAnyValue":
        return any(results)
    return all(results) if negated else any(results)


def speaks_of(statement, case):
    if "Action" in statement:
        if not any(glob(p, case["action"], re.IGNORECASE) for p in as_list(statement["Action"])):
            return False
    elif any(glob(p, case["action"], re.IGNORECASE) for p in as_list(statement["NotAction"])):
        return False
    if "Resource" in statement:
        if not any(glob(p, case["resource"]) for p in as_list(statement["Resource"])):
            return False
    elif any(glob(p, case["resource"]) for p in as_list(statement["NotResource"])):
        return False
    for operator, block in statement.get("Condition", {}).items():
        for key, wanted in block.items():
            if not holds(operator, key, wanted, case["context"]):
                return False
    return True


def matched(policies, effect, case):
    return any(
        s["Effect"] == effect and speaks_of(s, case) for p in policies for s in as_list(p["Statement"])
    )


def own(case):
    limits = [[case["boundary"]]] if case.get("boundary") else []
    limits += [case["session"]] if case.get("session") else []
    groups = [case["identity"]] + limits
    if any(matched(group, "Deny", case) for group in groups):
        return "explicit-deny"
    return "allow" if all(matched(group, "Allow", case) for group in groups) else "implicit-deny"


def simple(case):
    statements = [s for p in case["identity"] for s in as_list(p["Statement"])]
    return (
        not case.get("boundary")
        and not case.get("session")
        and all("Condition" not in s and "Resource" in s for s in statements)
        and "?" not in json.dumps(case["identity"])
        and case["action"].islower()
        and all(a == a.lower() for s in statements for a in as_list(s.get("Action", s.get("NotAction"))))
    )


def moto(case):
    if IAMPolicy is None or not simple(case):
        return None
    permitted = False
    for policy in case["identity"]:
        result = IAMPolicy(json.dumps(policy)).is_action_permitted(case["action"], case["resource"])
        if result == PermissionResult.DENIED:
            return "explicit-deny"
        permitted = permitted or result == PermissionResult.PERMITTED
    return "allow" if permitted else "implicit-deny"


print(json.dumps([{"own": own(case), "moto": moto(case)} for case in json.load(sys.stdin)]))
