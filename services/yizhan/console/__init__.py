"""The console: sign-in, REST and WebSocket for agents, editors and supervisors, and the web app that uses them.

It holds no business state: what it shows and does, it asks of dialogue, routing and metrics over gRPC.
"""
