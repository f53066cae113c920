using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Appliance.Bpf.Layout;
using Appliance.Gateway.Recording;

namespace Appliance.Tests.Unit.Savefiles;

/// <summary>Recordings that a test hands out itself.</summary>
internal sealed class HeldRecordings : IRecordings
{
    private readonly Channel<LiveRecord> _live = Channel.CreateUnbounded<LiveRecord>();

    /// <summary>What is held.</summary>
    public List<FlowRecording> Held { get; } = [];

    /// <summary>What followers are told.</summary>
    public ChannelWriter<LiveRecord> Live => _live.Writer;

    /// <summary>Ends when a follower has gone.</summary>
    public TaskCompletionSource FollowerGone { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<FlowRecording?> FindAsync(FlowKey flow, CancellationToken cancellation) => Task.FromResult(Held.Find(r => r.Flow == flow));

    public async IAsyncEnumerable<FlowRecording> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        foreach (var recording in Held)
        {
            await Task.Yield();
            yield return recording;
        }
    }

    public async IAsyncEnumerable<LiveRecord> FollowAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        try
        {
            await foreach (var record in _live.Reader.ReadAllAsync(cancellation))
            {
                yield return record;
            }
        }
        finally
        {
            FollowerGone.TrySetResult();
        }
    }
}
