using System.Globalization;

namespace Appliance.Lab.Demo.Workloads.Postgres;

/// <summary>Where PostgreSQL's programs are. Debian keeps those of the server outside of PATH, one directory per version.</summary>
/// <param name="Directory">The newest version's directory.</param>
internal sealed record PostgresPrograms(string Directory)
{
    private const string Root = "/usr/lib/postgresql";
    private const string Packages = "postgresql postgresql-contrib";
    private static readonly string[] s_needed = ["postgres", "initdb", "pg_ctl", "pg_isready", "pgbench", "psql"];

    /// <summary>The full path of a program.</summary>
    public string this[string program] => Path.Combine(Directory, program);

    /// <summary>Finds the newest installed version.</summary>
    /// <exception cref="LabException">None is complete; the message holds the remedy.</exception>
    public static PostgresPrograms Find()
    {
        var candidates = System.IO.Directory.Exists(Root)
            ? System.IO.Directory.EnumerateDirectories(Root).OrderByDescending(VersionOf).Select(directory => Path.Combine(directory, "bin"))
            : [];
        var found = candidates.FirstOrDefault(directory => s_needed.All(program => File.Exists(Path.Combine(directory, program))));
        return found is null ? throw RequiredPrograms.Missing("PostgreSQL with pgbench", Packages) : new PostgresPrograms(found);
    }

    private static double VersionOf(string directory) =>
        double.TryParse(Path.GetFileName(directory), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var version) ? version : 0;
}
