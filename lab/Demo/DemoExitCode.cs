namespace Appliance.Lab.Demo;

/// <summary>The exit codes of <c>demo</c>.</summary>
public static class DemoExitCode
{
    /// <summary>Every connection survived and every byte was right.</summary>
    public const int Succeeded = 0;

    /// <summary>Something was lost, or the demonstration could not go on.</summary>
    public const int Failed = 1;

    /// <summary>The command line or the machine has to be changed first.</summary>
    public const int Misused = 2;

    /// <summary>The user ended it early.</summary>
    public const int Interrupted = 130;

    /// <summary>The exit code for a failure.</summary>
    public static int Of(LabFailure failure) =>
        failure is LabFailure.NotRoot or LabFailure.MissingTool or LabFailure.InvalidArgument or LabFailure.AlreadyUp or LabFailure.DamagedState
            ? Misused
            : Failed;
}
