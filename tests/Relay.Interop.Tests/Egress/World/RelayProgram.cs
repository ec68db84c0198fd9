using Relay.Interop.Tests.Relays;
using Relay.Testing.Certificates;
using Relay.Testing.Network;

namespace Relay.Interop.Tests.Egress.World;

/// <summary>relay-node as a process in a namespace, which can be ended, and killed.</summary>
internal static class RelayProgram
{
    /// <summary>Starts it and waits until it listens.</summary>
    public static Task<ChildProcess> StartAsync(
        NetworkNamespace network, ScratchFolder folder, params string[] options) =>
        StartAsync(network, Command(folder, options));

    /// <summary>Starts it by a command, which may have others around it, and waits until it serves.</summary>
    public static Task<ChildProcess> StartAsync(
        NetworkNamespace network, string[] command, IReadOnlyDictionary<string, string>? environment = null) =>
        network.Start(command, environment, "relay-node").ReadyAfterAsync(
            static relay => relay.Log.WaitForAsync(@"\blistening on ", Limits.Start));

    /// <summary>Starts it.</summary>
    public static ChildProcess Run(NetworkNamespace network, ScratchFolder folder, params string[] options) =>
        network.Start(Command(folder, options), name: "relay-node");

    /// <summary>Program and arguments; an address among the options replaces the usual one.</summary>
    public static string[] Command(ScratchFolder folder, string[] options)
    {
        using var authority = new TestAuthority();
        using var certificate = authority.IssueServer(RelayProcess.Name);
        var arguments = RelayInNamespace.Arguments(CertificateFiles.Write(folder, "relay", certificate));
        return OwnProgram.Command(
            "relay-node", ["--workers", "1", .. options.Contains("-a") ? arguments[2..] : arguments, .. options]);
    }
}
