using Appliance.Bpf.Layout;
using Appliance.Savefiles;

namespace Appliance.Lab.Savefiles;

/// <summary>Reads the file, replays it, and says what came of it.</summary>
internal static class ReplayRun
{
    private const int Complete = 0;
    private const int Incomplete = 1;

    public static async Task<int> RunAsync(string file, FlowKey? flow, ReplayOptions options, bool json, CancellationToken cancellation)
    {
        var content = Read(file);
        if (content.Damage is { } damage)
        {
            await Console.Error.WriteLineAsync(damage.Message);
        }

        var report = await new Replayer(options, TimeProvider.System).RunAsync(Choose(file, content.Streams, flow), cancellation);
        foreach (var mismatch in report.Mismatches)
        {
            await Console.Error.WriteLineAsync(mismatch);
        }

        Console.WriteLine(json ? report.ToJson() : report.ToString());
        return report.IsComplete && content.Damage is null ? Complete : Incomplete;
    }

    /// <summary>Reads a savefile; - is standard input.</summary>
    public static SavefileStreams Read(string file)
    {
        try
        {
            using var reader = file == "-" ? new SavefileReader(Console.OpenStandardInput(), "standard input") : SavefileReader.Open(file);
            return SavefileStreams.Read(reader, file);
        }
        catch (SavefileException exception)
        {
            throw new LabException(LabFailure.InvalidArgument, exception.Message, exception);
        }
        catch (DllNotFoundException exception)
        {
            throw new LabException(LabFailure.MissingTool, exception.Message, exception);
        }
    }

    private static IReadOnlyList<RecordedStream> Choose(string file, IReadOnlyList<RecordedStream> streams, FlowKey? flow)
    {
        const int Shown = 10;
        var chosen = flow is { } wanted ? [.. streams.Where(s => s.Flow == wanted)] : streams;
        if (chosen.Count > 0)
        {
            return chosen;
        }

        var known = streams.Select(s => FlowId.Format(s.Flow)).Distinct(StringComparer.Ordinal).ToList();
        var list = known.Count == 0
            ? "it holds no TCP connection"
            : $"it holds {string.Join(", ", known.Take(Shown))}{(known.Count > Shown ? $" and {known.Count - Shown} more" : "")}";
        throw new LabException(
            LabFailure.InvalidArgument, flow is { } missing ? $"{file}: there is no flow {FlowId.Format(missing)}: {list}" : $"{file}: {list}");
    }
}
