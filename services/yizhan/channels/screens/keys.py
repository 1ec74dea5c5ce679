"""Keys that a business's signed identities are checked with."""

from typing import Literal

from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

Algorithm = Literal["HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "Ed25519"]
"""What a business may sign with. ``none`` is not among them, and a token is only ever checked with its account's one."""

VerificationKey = OctKey | RSAKey | ECKey | OKPKey


def verification_key(algorithm: str, text: str) -> VerificationKey:
    """The key as the JOSE library takes it. Raises JoseError or ValueError when it does not fit the algorithm."""
    if algorithm.startswith("HS"):
        return OctKey.import_key(text)
    if algorithm.startswith(("RS", "PS")):
        return RSAKey.import_key(text)
    if algorithm.startswith("ES"):
        return ECKey.import_key(text)
    return OKPKey.import_key(text)
