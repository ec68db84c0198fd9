using Relay.Interop.Tests.Fleet.World;
using Relay.Testing.Certificates;
using Relay.Testing.Network;

namespace Relay.Interop.Tests.Lifecycle;

/// <summary>Programs that are started in a folder which somebody has removed meanwhile, as after an upgrade.</summary>
public sealed class WorkingFolderTests
{
    private const string Launcher = """ cd "$0" && rmdir "$0" && exec "$@" """;

    [Theory]
    [InlineData("local")]
    [InlineData("silo")]
    public async Task Node_ItsWorkingFolderIsGone_ServesProbesAndTheAdminApi(string fleet)
    {
        using var folder = new ScratchFolder();
        using var authority = new TestAuthority();
        using var certificate = authority.IssueServer("localhost", "127.0.0.1");
        var files = CertificateFiles.Write(folder, "relay", certificate);
        var (metrics, admin) = (Local(Ports.FreeTcp()), Local(Ports.FreeTcp()));
        string[] silo = fleet == "silo" ? ["--silo-address", Local(Ports.FreeTcp())] : [];
        await using var node = Start(folder, "relay-node",
        [
            "-a", Local(Ports.FreeUdp()), "--tls-cert-path", files.Certificate, "--tls-private-key-path", files.Key,
            "--metrics-address", metrics, "--admin-address", admin, "--fleet", fleet, .. silo,
        ]);
        await node.Log.WaitForAsync(@"\blistening on 127\.0\.0\.1:", Limits.Start);
        await AnswersAsync($"http://{metrics}/livez");
        await AnswersAsync($"http://{admin}/v1/fleet");
        Assert.True(await node.TerminateAsync(Limits.Stop) == 0, node.Log.Describe());
    }

    [Fact]
    public async Task Admin_ItsWorkingFolderIsGone_Serves()
    {
        using var folder = new ScratchFolder();
        var address = Local(Ports.FreeTcp());
        await using var admin = Start(folder, "relay-admin", ["--fleet", "local", "--admin-address", address]);
        await admin.Log.WaitForAsync("listening on", Limits.Start);
        await AnswersAsync($"http://{address}/v1/fleet");
        Assert.True(await admin.TerminateAsync(Limits.Stop) == 0, admin.Log.Describe());
    }

    private static ChildProcess Start(ScratchFolder folder, string program, string[] options) => ChildProcess.Start(
        "sh", ["-c", Launcher, folder.Folder("gone"), .. OwnProgram.Command(program, options)], name: program);

    private static async Task AnswersAsync(string url)
    {
        using var client = new HttpClient { Timeout = Limits.Exchange };
        await FleetApi.WaitUntilAsync(
            $"{url} answers",
            async () =>
            {
                using var answer = await client.GetAsync(new Uri(url), TestContext.Current.CancellationToken);
                return answer.IsSuccessStatusCode;
            },
            Limits.Exchange);
    }

    private static string Local(int port) => $"127.0.0.1:{port}";
}
