"""PortSIP PBX: calls, sessions, recordings, voicemails, queues and reports of one tenant."""

from telegraphql.plugins.portsip.provider import Portsip

__all__ = ["Portsip"]
