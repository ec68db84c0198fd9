using Relay.Interop.Tests.Processes;

namespace Relay.Interop.Tests.Network;

/// <summary>
/// A hosts file that one program sees in place of the machine's, laid over it in a mount namespace of its own.
/// </summary>
internal static class PrivateHosts
{
    private const string Launcher = """ mount --bind "$0" /etc/hosts && exec "$@" """;

    /// <summary>The command that runs the command so that the name is known to it as 127.0.0.1.</summary>
    public static string[] Wrap(ScratchFolder folder, string name, params string[] command)
    {
        var hosts = folder.Write("hosts", $"127.0.0.1 localhost {name}\n");
        return [InstalledProgram.Require("unshare", "util-linux"), "--mount", "--", "sh", "-c", Launcher, hosts,
            .. command];
    }
}
