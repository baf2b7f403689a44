"""Progress: counted in any thread, told in the loop's, and the rate and time left that a meter makes of it."""

import asyncio
import threading

import pytest

from zegel.progress import Meter, Progress, Step, Stopped


def at(done, stage="uploading", total=1000):
    return Progress(stage, done, total)


def test_a_meter_tells_rate_and_time_left():
    meter = Meter()
    assert (meter.rate, meter.left) == (None, None)
    meter.add(at(100), 50.0)
    assert (meter.rate, meter.left) == (None, None)
    meter.add(at(300), 52.0)
    assert (meter.rate, meter.left) == (100.0, 7.0)
    meter.add(at(1000), 54.0)
    assert meter.left == 0.0


def test_what_was_there_already_counts_for_no_rate():
    meter = Meter()
    meter.add(at(900), 0.0)
    meter.add(at(950), 5.0)
    assert (meter.rate, meter.left) == (10.0, 5.0)


def test_a_rate_is_of_the_last_seconds():
    meter = Meter()
    for second in range(30):
        meter.add(at(second * 2, total=10_000), float(second))
    for second in range(30, 60):
        meter.add(at(60 + (second - 30) * 100, total=10_000), float(second))
    assert meter.rate == pytest.approx(100.0)


@pytest.mark.parametrize("then", [at(0, "opening"), at(0), at(0, total=2000)], ids=["stage", "back", "total"])
def test_another_stage_begins_anew(then):
    meter = Meter()
    meter.add(at(100), 1.0)
    meter.add(at(200), 2.0)
    meter.add(then, 3.0)
    assert (meter.rate, meter.left) == (None, None)


def test_a_standstill_has_no_time_left():
    meter = Meter()
    meter.add(at(100), 1.0)
    meter.add(at(100), 2.0)
    assert (meter.rate, meter.left) == (0.0, None)
    meter.add(at(100), 2.0)
    assert meter.left is None


async def test_a_step_counts_in_a_thread_and_tells_in_the_loop():
    seen, threads = [], set()

    def see(progress):
        seen.append(progress)
        threads.add(threading.get_ident())

    step = Step("sealing", 10, see)

    def work():
        for _ in range(10):
            step.add(1)
        return "done"

    assert await step.run(work) == "done"
    await asyncio.sleep(0)
    assert seen[-1] == Progress("sealing", 10, 10)
    # Ten counts at once are no ten reports.
    assert len(seen) == 2
    assert threads == {threading.get_ident()}


async def test_a_cancelled_step_ends_its_thread():
    step, began, ended = Step("sealing", 10**9, None), threading.Event(), []

    def work():
        try:
            while True:
                began.set()
                step.add(1)
        except Stopped:
            ended.append(True)
            raise

    task = asyncio.create_task(step.run(work))
    await asyncio.to_thread(began.wait)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended == [True]
