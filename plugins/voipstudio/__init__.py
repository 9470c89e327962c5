"""VoIPstudio, a hosted PBX: its call detail records, recordings, voicemails and chats (Level 7 API, v1.1 and v1.2)."""

from telegraphql.plugins.voipstudio.provider import Voipstudio

__all__ = ["Voipstudio"]
