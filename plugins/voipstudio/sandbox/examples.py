"""The example records of VoIPstudio's API reference, as they are printed there, noise included.

The reference fills many fields with "value"; the columns below are the others.
"""

from collections.abc import Sequence
from typing import Any

from telegraphql.plugin import Row

CDR = (
    "id billsec call_id calldate charge clid context destination disposition dst dst_codec dst_id dst_name dst_ua duration"
    " info live_id parent_live_id rate server_id sip_endpoint_id src src_codec src_id src_name src_ua t_cause type user_id"
)
CDR_COLUMNS = (
    "id billsec call_id calldate charge destination disposition dst duration live_id parent_live_id rate server_id"
    " sip_endpoint_id src type user_id"
)
CDRS = (
    (7762, 4951, 6884, "2016-11-13 14:44:07", 2.2, 2, 2, "44779243705", 8590, 4985, 9269, 9.1, 3361, 5226, "44203844711", 1, 7809),
    (4924, 5648, 2523, "2017-11-21 15:36:12", 7.5, 1, 3, "12124537768", 6584, 8465, 5399, 9.17, 5200, 1473, "44203846719", 3, 967),
    (3435, 8420, 8772, "2018-03-16 04:30:37", 7.25, 0, 3, "32179243705", 7927, 2124, 7051, 3.1, 1526, 4792, "44203844711", 0, 3927),
    (8691, 3889, 1566, "2019-04-14 07:07:15", 4.33, 1, 2, "32179243705", 2661, 7035, 6806, 2.11, 3595, 5690, "44203846719", 0, 7887),
    (1789, 1801, 2690, "2016-05-06 18:51:20", 4.11, 2, 3, "13103345244", 9003, 8950, 4672, 9.2, 4619, 1882, "44203846719", 3, 4939),
    (8571, 3616, 5689, "2024-09-06 09:42:23", 8.5, 1, 3, "44779243705", 902, 1681, 9580, 2.14, 1790, 5611, "12124537768", 3, 5902),
    (9710, 2833, 1168, "2021-04-02 08:14:06", 3.11, 2, 0, "44203846719", 6119, 1019, 2039, 2.33, 8312, 9332, "13103345244", 3, 7544),
    (9262, 4446, 2814, "2019-04-23 14:04:58", 7.5, 1, 2, "13103345244", 2674, 3928, 5282, 9.17, 4726, 1681, "32179243705", 1, 8569),
)
TRACKED_CDR, DICTIONARY_CDR, NOTES_CDR = 1789, 9710, 9262
MONITOR = (
    "id called caller context dst_id dst_name duration live_id sentiment sip_endpoint_id size src_id summary timestamp"
    " transcript type user_id"
)
MONITORS = (
    (3098, "44779243705", "13103345244", 5083, 1802, 2015, 3065, "2018-05-07 13:07:52", 9187),
    (8337, "44779243705", "44203844711", 1859, 4106, 7977, 3157, "2018-11-16 20:04:13", 9947),
    (7579, "32179243705", "44203846719", 1324, 2053, 7708, 4487, "2022-12-03 20:08:45", 8367),
)
MSDR = "id call_id created_at dst dst_id dst_ua duration media_session_id src src_id src_ua t_cause type user_id"
MSDRS = (
    (7433, "2019-11-14 11:09:48", "32179243705", 3662, 349, "13103345244", 2018),
    (1212, "2019-06-08 04:57:46", "32179243705", 467, 7014, "44779243705", 6893),
    (8900, "2021-03-22 18:50:29", "44779243705", 2880, 9364, "44203844711", 4141),
    (3067, "2019-09-23 00:33:54", "44203844711", 3350, 280, "32179243705", 1515),
    (4894, "2021-05-12 04:11:24", "12124537768", 4379, 5747, "13103345244", 6365),
)
DICTIONARY_MSDR = 4894
VOICEMESSAGE = "id caller callerid dialled duration extension_id folder is_new live_id origtime parent_live_id transcript"
VOICEMESSAGES = (
    (8018, "44203844711", "32179243705", "32179243705", 7911, 8113, 0, True, 7649, "2022-09-01 04:15:58", 72),
    (4284, "44203844711", "44203844711", "44203846719", 741, 2931, 1, True, 8709, "2016-08-25 15:45:47", 5289),
    (8669, "32179243705", "44203846719", "44779243705", 6299, 4852, 1, True, 3950, "2016-06-08 09:56:48", 3370),
    (154, "44779243705", "44779243705", "13103345244", 510, 8630, 1, True, 2301, "2016-12-27 02:57:37", 3898),
)
CHAT = (
    "id created_at customer_id duration operator_id operator_ua state visitor_city visitor_country visitor_email visitor_geo"
    " visitor_id visitor_ip visitor_name visitor_referer visitor_ua website_id"
)
CHATS = (
    (2062, "2022-01-17 00:46:54", 7490, 8251, 4916, 3, 5977),
    (7159, "2022-10-27 03:54:18", 5224, 9642, 1927, 3, 5511),
)
TRACKING_NUMBER = (
    "id channels cli_hide cli_prefix created_at e164 esc_enabled fax_email fax_enabled flag has_fax_password info name rate"
    " sms_email sms_enabled status target_id target_type tel_verified uri"
)
TRACKING_NUMBER_COLUMNS = (
    "channels cli_hide cli_prefix created_at esc_enabled fax_enabled flag has_fax_password rate sms_enabled status target_id"
    " target_type tel_verified"
)
TRACKING_NUMBERS = ((9229, True, 7520, "2017-10-15 07:05:58", True, True, 4, True, 4.33, True, 6, 1567, 6, True),)
SMS = "id created_at from message result to type user_id"
SMS_EXAMPLES = ((5477, "2024-07-22 21:03:17", "32179243705", "32179243705", 6370),)
MEDIA_SESSION = "id call_id created_at dst_id dst_ua duration src_id src_ua status type updated_at user"
MEDIA_SESSIONS = ((9455, "2016-07-15 07:47:24", 1227, "2016-07-15 07:31:18", 152),)


def _rows(all_columns: str, columns_given: str, examples: Sequence[Sequence[Any]]) -> list[Row]:
    return [dict.fromkeys(all_columns.split(), "value") | dict(zip(columns_given.split(), example, strict=True)) for example in examples]


def cdrs() -> list[Row]:
    """Return the calls. The reference describes v1.1; the fields of v1.2 are those of a call after another one."""
    rows = _rows(CDR, CDR_COLUMNS, CDRS)
    for row in rows:
        newer_fields = {"is_root": False, "root_live_id": row["parent_live_id"], "nb_children": 0, "labels": [], "metadata": None}
        row |= newer_fields | {"nb_notes": 1 if row["id"] == NOTES_CDR else 0}
    return rows


def monitors() -> list[Row]:
    """Return the recordings."""
    return _rows(MONITOR, "id called caller duration live_id sip_endpoint_id size timestamp user_id", MONITORS)


def msdrs() -> list[Row]:
    """Return the media streams."""
    return _rows(MSDR, "id created_at dst duration media_session_id src user_id", MSDRS)


def voicemessages() -> list[Row]:
    """Return the voicemails."""
    return _rows(VOICEMESSAGE, VOICEMESSAGE.removesuffix(" transcript"), VOICEMESSAGES)


def chats() -> list[Row]:
    """Return the chats."""
    return _rows(CHAT, "id created_at customer_id duration operator_id state website_id", CHATS)


def tracking_numbers() -> list[Row]:
    """Return the tracking number, whose id is "value" too."""
    return _rows(TRACKING_NUMBER, TRACKING_NUMBER_COLUMNS, TRACKING_NUMBERS)


def sms() -> list[Row]:
    """Return the text message."""
    return _rows(SMS, "id created_at from to user_id", SMS_EXAMPLES)


def live_sessions() -> list[Row]:
    """Return the live media session."""
    return _rows(MEDIA_SESSION, "id created_at duration updated_at user", MEDIA_SESSIONS)
