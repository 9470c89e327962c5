"""Channel events of the sandbox: the transfers between the legs of a channel, as CEL writes them into a table."""

import msgspec

from telegraphql.plugin import Row


def transfer_before(before: Row, row: Row) -> list[Row]:
    """Return the transfer by which a leg came to be, where the leg before it is of the same channel."""
    if before["uniqueid"] != row["uniqueid"]:
        return []
    by, kind = before["dst"], "ATTENDEDTRANSFER" if row["sequence"] % 2 else "BLINDTRANSFER"
    extra = {"extension": row["dst"], "transferee_channel_name": row["channel"], "transferee_channel_uniqueid": row["uniqueid"]}
    names = {"eventtype": kind, "cid_num": by, "channame": before["dstchannel"], "uniqueid": f"{row['uniqueid']}9"}
    return [names | {"eventtime": row["start"], "linkedid": row["linkedid"], "extra": msgspec.json.encode(extra).decode()}]
