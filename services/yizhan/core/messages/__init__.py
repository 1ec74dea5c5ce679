"""What travels: messages, receipts and commands as frozen typed objects, and their protobuf form.

Events and live hints have no form of their own: they are built and read as ``yizhan.pb.v1`` messages at the
border of a service.
"""
