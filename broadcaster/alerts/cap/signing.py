"""Whose message it is: an enveloped XML signature, checked against one certificate that somebody entered here.

The certificate inside the message is not asked: anybody can make one. Only what was signed is given back, so that
nothing unsigned beside it is ever read (XML Signature Best Practices, "see what is signed"). SHA-1 is not taken.
"""

from typing import Final

from cryptography import x509
from lxml import etree
from signxml.algorithms import SignatureMethod
from signxml.exceptions import SignXMLException
from signxml.verifier import SignatureConfiguration, XMLVerifier

from broadcaster.alerts import errors
from broadcaster.alerts.cap import parsing

_SIGNATURE: Final = "{http://www.w3.org/2000/09/xmldsig#}Signature"
_METHODS: Final = frozenset(
    one for one in SignatureMethod if "SHA1" not in one.name and not one.name.startswith("HMAC")
)


def check_certificate(pem: str) -> None:
    """Whether a certificate could be one at all. Raises BadCertificate."""
    try:
        x509.load_pem_x509_certificate(pem.strip().encode())
    except (ValueError, UnicodeError):
        raise errors.BadCertificate from None


def signed_part(xml: bytes, certificate: str) -> bytes:
    """The message as it was signed by the holder of the certificate (PEM), to be parsed instead of `xml`.

    Raises:
        BadCap: it is no XML that is read at all.
        NotSigned: it has no signature.
        WronglySigned: by somebody else, changed since, not as a whole, or by a method that is not trusted any more.
    """
    root = parsing.read_xml(xml, whole=True)
    if root.find(_SIGNATURE) is None:
        raise errors.NotSigned
    config = SignatureConfiguration(location="./", expect_references=1, signature_methods=_METHODS)
    try:
        result = XMLVerifier().verify(root, x509_cert=certificate.strip(), expect_config=config)
    except (SignXMLException, etree.LxmlError, ValueError, KeyError, TypeError, NotImplementedError) as error:
        raise errors.WronglySigned(problem=_short(error)) from None
    signed = getattr(result, "signed_xml", None)
    if signed is None or signed.tag != root.tag:
        raise errors.WronglySigned(problem="only a part of it is signed")
    return bytes(result.signed_data)  # type: ignore[union-attr]


def _short(error: Exception) -> str:
    return " ".join(str(error).split())[:120] or type(error).__name__
