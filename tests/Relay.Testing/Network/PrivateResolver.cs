using Relay.Testing.Processes;

namespace Relay.Testing.Network;

/// <summary>
/// A resolv.conf(5) that one program sees in place of the machine's, laid over it in a mount namespace of its own.
/// </summary>
public static class PrivateResolver
{
    private const string Launcher = """ mount --bind "$0" /etc/resolv.conf && exec "$@" """;

    /// <summary>The command that runs the command so that it asks as these lines say.</summary>
    public static string[] Wrap(ScratchFolder folder, string lines, params string[] command) =>
        [InstalledProgram.Require("unshare", "util-linux"), "--mount", "--", "sh", "-c", Launcher,
            folder.Write("resolv.conf", lines), .. command];
}
