using Relay.Testing.Processes;

namespace Relay.Testing.Network;

/// <summary>
/// A hosts file that one program sees in place of the machine's, laid over it in a mount namespace of its own.
/// </summary>
public static class PrivateHosts
{
    private const string Launcher = """ mount --bind "$0" /etc/hosts && exec "$@" """;

    /// <summary>The command that runs the command so that the name is known to it as 127.0.0.1.</summary>
    public static string[] Wrap(ScratchFolder folder, string name, params string[] command) =>
        Wrap(folder, name, ["127.0.0.1"], command);

    /// <summary>The same, of a name with several addresses.</summary>
    public static string[] Wrap(ScratchFolder folder, string name, string[] addresses, string[] command) =>
        Wrap(folder, addresses.Select(address => (address, name)), command);

    /// <summary>The same, of several names.</summary>
    public static string[] Wrap(ScratchFolder folder, IEnumerable<(string Address, string Name)> names, string[] command)
    {
        var lines = names.Select(static one => $"{one.Address} {one.Name}\n").Prepend("127.0.0.1 localhost\n");
        var hosts = folder.Write("hosts", string.Concat(lines));
        return [InstalledProgram.Require("unshare", "util-linux"), "--mount", "--", "sh", "-c", Launcher, hosts,
            .. command];
    }
}
