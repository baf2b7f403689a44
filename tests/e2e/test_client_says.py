"""What families say themselves: sealed on their own phone, read by the partner whom they chose, and by nobody else."""


async def test_a_message_from_a_phone_opens_at_the_partner(world):
    sent = await world.phone.send("ocmw-gent", "Kan iemand mij bellen over de facturen?")
    (waiting,) = await world.ocmw.inbox()
    message = await world.ocmw.open(waiting)
    assert (message.d, message.manifest.kind, message.manifest.purpose) == (sent.manifest, "client-message", "voice")
    assert [(section.type, section.note.text) for section in message.sections] == [
        ("ask", "Kan iemand mij bellen over de facturen?")
    ]
    await world.ocmw.acknowledge(message)
    (notice,) = await world.phone.notices()
    assert notice.readable() == [("ask", "Kan iemand mij bellen over de facturen?")]
    assert notice.copy.problems == ()
    print("\n".join(world.phone.render(notice)))
