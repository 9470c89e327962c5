"""PortSIP PBX."""

from plugins.portsip.provider import Portsip

__all__ = ["Portsip"]
