"""Files in the bodies of calls, as forms have them; parsed with the standard library's reader of mail."""

from dataclasses import dataclass
from email import message_from_bytes, policy

from tests.simulators.ecommerce.site import ApiCall


@dataclass(frozen=True, slots=True)
class FormFile:
    name: str
    mime_type: str
    data: bytes


def form_file(call: ApiCall, field: str) -> FormFile | None:
    """The file of a field; None: there is none."""
    head = f"Content-Type: {call.request.headers['Content-Type']}\r\n\r\n".encode()
    whole = message_from_bytes(head + call.body, policy=policy.HTTP)
    if not whole.is_multipart():
        return None
    for part in whole.iter_parts():
        if part.get_param("name", header="content-disposition") == field:
            data = part.get_payload(decode=True)
            assert isinstance(data, bytes)
            return FormFile(part.get_filename() or "", part.get_content_type(), data)
    return None
