using Appliance.Gateway.Api.Flows;

namespace Appliance.Tests.Unit.Api;

/// <summary>Many ask, few readings are made, and none is older than the question.</summary>
[TestClass]
public sealed class SharedReadingTests
{
    private int _readings;

    [TestMethod]
    public async Task Those_who_ask_meanwhile_share_the_next_reading()
    {
        var gate = new TaskCompletionSource();
        var reading = Make(async () =>
        {
            await gate.Task;
            return Interlocked.Increment(ref _readings);
        }, TimeSpan.FromDays(1));
        var first = reading.ReadAsync();
        while (ReferenceEquals(first, reading.ReadAsync()))
        {
            await Task.Yield(); // until the first has begun
        }
        var (second, third) = (reading.ReadAsync(), reading.ReadAsync());
        Assert.AreSame(second, third);
        gate.SetResult();
        Assert.AreEqual(1, await first);
        Assert.IsFalse(second.IsCompleted, "its turn has not come");
    }

    [TestMethod]
    public async Task What_was_before_the_question_is_no_answer()
    {
        var value = 0;
        var reading = Make(() => Task.FromResult(Volatile.Read(ref value)), TimeSpan.FromMilliseconds(1));
        for (var i = 0; i < 200; i++)
        {
            Volatile.Write(ref value, i);
            Assert.AreEqual(i, await reading.ReadAsync());
        }
    }

    [TestMethod]
    public async Task A_failure_is_told_and_the_next_reading_is_made()
    {
        var reading = Make(() => Interlocked.Increment(ref _readings) == 1 ? Task.FromException<int>(new IOException("gone")) : Task.FromResult(7), TimeSpan.Zero);
        await Assert.ThrowsExactlyAsync<IOException>(() => reading.ReadAsync());
        Assert.AreEqual(7, await reading.ReadAsync());
    }

    private static SharedReading<int> Make(Func<Task<int>> read, TimeSpan pause) => new(read, pause, TimeProvider.System);
}
