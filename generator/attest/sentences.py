"""What is said of attestations: of those that cannot be made, and of those that do not hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from generator.errors import CheckFailed, NodebakeError, ToolError, shown, usage, visible

MAKE_KEYS = "make one: openssl genpkey -algorithm ed25519 -out key.pem; openssl pkey -in key.pem -pubout -out key.pub"
_AGAIN = "attest the image again: nodebake attest IMAGE --profile P --key KEY"


# Before anything is signed.


def no_extra(module: str) -> ToolError:
    return ToolError(f"there is no Python module {module}", "install it: pip install 'nodebake[supply]'")


def bad_key(file: str, why: str) -> NodebakeError:
    return usage(f"{file} is no ed25519 key: {why}", MAKE_KEYS)


NOT_PEM = "it is no PEM of a private key"
NOT_PUBLIC = "it is no PEM of a public key"
PRIVATE_GIVEN = "it is a private key, and whoever verifies must not have that"
OTHER_KIND = "it is a key of another kind"
ENCRYPTED = "it has a passphrase, which nodebake cannot ask for"


def no_manifest(image: str) -> NodebakeError:
    return usage(
        f"no manifest.json beside {image} speaks of these bytes, so what it was built from is not known",
        "attest it where nodebake build put it, before it is copied or changed",
    )


def other_profile(image: str, built: str, named: str) -> NodebakeError:
    return usage(
        f"{image} was built from a profile with sha256 {built}, and this one has {named}",
        "name the profile as it was, or build the image again",
    )


def not_read(file: str, why: str) -> NodebakeError:
    return usage(f"{file} cannot be read: {why}")


def no_report(file: str, why: str) -> NodebakeError:
    return usage(
        f"{file} is no result of nodebake verify or prove: {why}",
        "write them: nodebake verify IMAGE --profile P --report verify.json; nodebake prove ... --format json",
    )


def report_of_another(file: str, what: str) -> NodebakeError:
    return usage(f"{file} is about another {what}", "test this one, and attest it with that report")


def one_name(name: str) -> NodebakeError:
    return usage(f"both results are called {shown(name)}", "give each file a name of its own")


def changed_meanwhile(image: str) -> CheckFailed:
    return CheckFailed(f"{visible(image)} was changed while it was read", "nothing was signed; attest it again")


# An attestation that is none.


def no_attestation(file: str, why: str) -> NodebakeError:
    return usage(f"{file} is no attestation of nodebake: {why}", "nodebake attest writes one: IMAGE.intoto.jsonl")


EMPTY = "it is empty"
CUT = "it was cut: its last line has no end"
TOO_LARGE = "it is larger than 64 MiB"
NO_PROVENANCE = "it does not say how the image was built"
TWO_PROVENANCES = "it says twice how the image was built"


def bad_line(number: int, why: str) -> str:
    return f"line {number}: {why}"


NOT_JSON = "this is no JSON"
NO_ENVELOPE = "this is no DSSE envelope"
NOT_BASE64 = "its payload or a signature is no base64"


def key_twice(key: str) -> str:
    return f"the key {shown(key)} is there twice"


def too_many_signatures(most: int) -> str:
    return f"it has more than {most} signatures"


def other_payload(kind: object) -> str:
    return f"its payload is {shown(kind)}, not an in-toto statement"


def lacks(path: str) -> str:
    return f"its statement has no {path} as it should be"


def other_statement(kind: object) -> str:
    return f"its predicate is {shown(kind)}, which nodebake does not write"


# An attestation that does not hold.


def not_signed(file: str, number: int, key: str) -> CheckFailed:
    return CheckFailed(
        f"{visible(file)}: line {number} was not signed by {visible(key)}, or was changed since",
        "nothing in it can be believed; is it the right key?",
    )


def does_not_hold(image: str, why: Sequence[str]) -> CheckFailed:
    lines = "".join(f"\n    {visible(one)}" for one in why)
    return CheckFailed(f"{visible(image)} is not what was attested{lines}", "do not use it; build, test and attest it")


def differs(what: str, found: str, attested: str) -> str:
    return f"{what} is {found}, attested was {attested}"


def not_attested(what: str) -> str:
    return f"nothing is attested of {what}"


def statements_differ(number: int) -> str:
    return f"line {number} is about other things than the first"


def test_is_gone(name: str) -> str:
    return f"the result {shown(name)} was attested with it, and is not there"


def test_is_new(name: str) -> str:
    return f"the result {shown(name)} does not belong to it"


def test_failed(name: str, result: str, failed: Sequence[str]) -> str:
    named = ", ".join(failed[:5]) + (f" and {len(failed) - 5} more" if len(failed) > 5 else "")
    return f"{name} says {result}" + (f": {named}" if failed else "")


def required(verb: str, results: Sequence[str]) -> str:
    found = f"{verb} says {', '.join(map(shown, results))}" if results else f"no result of {verb} was attested"
    return f"{found}, and --require {verb} wants one that has PASSED"


def required_all(figures: Mapping[str, object]) -> str:
    caught, faults = (shown(figures.get(name)) for name in ("killed", "faults"))
    return f"prove caught {caught} of {faults} faults, and --require prove wants all, of at least one"


# What is told of one that holds.


def holds(image: str) -> str:
    return f"{image} is what was attested"


REPACKED = "the file is another one, the disk in it is the one that was attested"


def not_here(name: str) -> str:
    return f"{name}: not beside the attestation, so it was not looked at"
