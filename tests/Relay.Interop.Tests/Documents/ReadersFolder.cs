using Relay.Testing.Certificates;
using Relay.Testing.Network;

namespace Relay.Interop.Tests.Documents;

/// <summary>
/// The folder in which the reader of a document has a shell: the programs are installed, and what the documents take for
/// granted is there, such as a certificate.
/// </summary>
internal sealed class ReadersFolder : IDisposable
{
    private readonly ScratchFolder _folder = new();
    private readonly string _path;

    public ReadersFolder()
    {
        using var authority = new TestAuthority();
        _folder.Write("ca.pem", authority.Pem);
        foreach (var name in (string[])["cert", "admin", "relay"])
        {
            using var certificate = authority.IssueServer("relay.example", "localhost", "127.0.0.1");
            _ = CertificateFiles.Write(_folder, name, certificate);
        }
        File.Move(_folder.File("cert.key"), _folder.File("key.pem"));
        var programs = _folder.Folder("programs");
        foreach (var program in (string[])["relay-node", "relay-admin", "relay-load", "relayctl"])
            OwnProgram.Install(program, _folder, $"programs/{program}");
        _path = $"{programs}:{Path.GetDirectoryName(OwnProgram.Dotnet)}:{Environment.GetEnvironmentVariable("PATH")}";
    }

    /// <summary>The path of a file in it.</summary>
    public string PathOf(string name) => _folder.File(name);

    /// <summary>Writes a file.</summary>
    public string Write(string name, string content) => _folder.Write(name, content);

    /// <summary>Starts what is typed; all that it began ends with it.</summary>
    public ChildProcess Start(string typed, NetworkNamespace? network = null)
    {
        string[] arguments = ["-ec", $"cd '{_folder.Path}'\n{typed}"];
        var environment = new Dictionary<string, string> { ["PATH"] = _path };
        return network is null
            ? ChildProcess.Start("/bin/bash", arguments, environment)
            : network.Start("/bin/bash", arguments, environment);
    }

    /// <summary>Runs what is typed to its end, which must be good.</summary>
    public async Task<string> RunAsync(string typed, NetworkNamespace? network = null)
    {
        await using var shell = Start(typed, network);
        shell.Input.Close();
        var status = await shell.WaitForExitAsync(Limits.Transfer);
        Assert.True(status == 0, $"status {status} of: {typed}\n{shell.Log.Describe()}");
        return string.Join('\n', shell.Log.Lines);
    }

    public void Dispose() => _folder.Dispose();
}
