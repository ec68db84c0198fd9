namespace Relay.Deploy.Tests.Packages;

/// <summary>A unit of the package, as far as these tests do what systemd does with it.</summary>
internal sealed class UnitFile(string program)
{
    private readonly ILookup<string, string> _settings = Repository.Read($"deploy/systemd/{program}.service").Split('\n')
        .Where(static line => line.Contains('=') && !line.StartsWith('#')).Select(static line => line.Split('=', 2))
        .ToLookup(static pair => pair[0], static pair => pair[1]);

    /// <summary>The one value of a setting; empty where it is not set.</summary>
    public string this[string setting] => _settings[setting].SingleOrDefault() ?? "";

    /// <summary>The file of options that its program is started with.</summary>
    public string Config => this["ExecStart"].Split(" --config ")[1];

    /// <summary>The command that starts the program as the unit has it: its user, capabilities, environment and folders.</summary>
    public string StartCommand
    {
        get
        {
            var capabilities = this["AmbientCapabilities"].Split(' ', StringSplitOptions.RemoveEmptyEntries)
                .Select(static name => $"+{name["CAP_".Length..].ToLowerInvariant()}").ToList();
            var given = string.Concat(capabilities.Select(static name => $",{name}"));
            return $"setpriv --reuid {this["User"]} --regid {this["Group"]} --init-groups --no-new-privs "
                + $"--inh-caps=-all{given} --ambient-caps=-all{given} --bounding-set=-all{given} "
                + $"env -i PATH=/usr/local/bin:/usr/bin:/bin STATE_DIRECTORY={State} {string.Join(' ', _settings["Environment"])} "
                + this["ExecStart"];
        }
    }

    /// <summary>What has to be there before, as systemd makes it.</summary>
    public string Prepare => $"install -d -m {this["StateDirectoryMode"]} -o {this["User"]} -g {this["Group"]} {State}";

    private string State => $"/var/lib/{this["StateDirectory"]}";
}
