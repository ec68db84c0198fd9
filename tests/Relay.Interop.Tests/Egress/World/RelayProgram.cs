using Relay.Interop.Tests.Relays;
using Relay.Testing.Certificates;
using Relay.Testing.Network;
using Relay.Testing.Processes;

namespace Relay.Interop.Tests.Egress.World;

/// <summary>relay-node as a process in a namespace, which can be ended, and killed.</summary>
internal static class RelayProgram
{
    /// <summary>Starts it and waits until it listens.</summary>
    public static async Task<ChildProcess> StartAsync(
        NetworkNamespace network, ScratchFolder folder, params string[] options)
    {
        var relay = Run(network, folder, options);
        try
        {
            await relay.Log.WaitForAsync(@"\blistening on ", Limits.Start);
            return relay;
        }
        catch
        {
            await relay.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts it.</summary>
    public static ChildProcess Run(NetworkNamespace network, ScratchFolder folder, params string[] options)
    {
        var command = Command(folder, options);
        return network.Start(command[0], command[1..], name: "relay-node");
    }

    /// <summary>Program and arguments; an address among the options replaces the usual one.</summary>
    public static string[] Command(ScratchFolder folder, string[] options)
    {
        using var authority = new TestAuthority();
        using var certificate = authority.IssueServer(RelayProcess.Name);
        var arguments = RelayInNamespace.Arguments(CertificateFiles.Write(folder, "relay", certificate));
        return
        [
            Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet",
            Path.Combine(AppContext.BaseDirectory, "relay-node.dll"), "--workers", "1",
            .. options.Contains("-a") ? arguments[2..] : arguments, .. options,
        ];
    }
}
