"""PortSIP PBX."""

from telegraphql.plugins.portsip.provider import Portsip

__all__ = ["Portsip"]
