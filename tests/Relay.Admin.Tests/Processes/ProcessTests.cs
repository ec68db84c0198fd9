using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using Relay.Hosting.Credentials;
using Relay.Testing.Admin;

namespace Relay.Admin.Tests.Processes;

/// <summary>The program as a whole.</summary>
[Trait("Needs", "Processes")]
public sealed class ProcessTests : IDisposable
{
    private const string AnyPort = "127.0.0.1:0";

    private readonly ScratchFolder _folder = new();
    private readonly HttpClient _client = new();

    [Fact]
    public async Task Program_Terminated_EndsStreamsAndExitsWith0()
    {
        await using var admin = new AdminProcess("--admin-address", AnyPort);
        _client.BaseAddress = await admin.AddressAsync();
        using var ready = await _client.GetAsync("/readyz");
        Assert.Equal(HttpStatusCode.OK, ready.StatusCode);
        using var events = await EventReader.OpenAsync(_client);
        admin.Signal(AdminProcess.Terminate);
        while (await events.NextAsync() is not null)
        {
        }
        Assert.Equal(0, await admin.ExitAsync());
        await admin.SaysAsync("ended");
    }

    [Fact]
    public async Task Program_WrongOptions_SaysAllAndExitsWith2()
    {
        await using var admin =
            new AdminProcess("--admin-address", "0.0.0.0:8480", "--log-level", "loud", "--nonsense");
        Assert.Equal(2, await admin.ExitAsync());
        await admin.SaysAsync("relay-admin: --admin-address");
        await admin.SaysAsync("relay-admin: --log-level");
        await admin.SaysAsync("relay-admin: --nonsense: unknown option");
    }

    [Fact]
    public async Task Program_AddressInUse_SaysSoAndExitsWith1()
    {
        using var other = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        other.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        other.Listen();
        foreach (var option in (string[])["--admin-address", "--report-address", "--metrics-address"])
        {
            string[] more = option == "--admin-address" ? [] : ["--admin-address", AnyPort];
            await using var admin = new AdminProcess([option, $"{other.LocalEndPoint}", .. more]);
            Assert.Equal(1, await admin.ExitAsync());
            await admin.SaysAsync($"relay-admin: {option}: {other.LocalEndPoint}: the port is in use (EADDRINUSE)");
            // The framework's stack traces say no more.
            Assert.DoesNotContain("   at ", admin.Output, StringComparison.Ordinal);
            Assert.DoesNotContain("Exception", admin.Output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Program_UnknownVariable_IsAWarning_AndServiceLinksAreNone()
    {
        await using var admin = new AdminProcess(
            new Dictionary<string, string> { ["RELAY_CLUSTER_IDD"] = "x", ["RELAY_ADMIN_SERVICE_HOST"] = "10.0.0.1", ["RELAY_ADMIN_PORT"] = "tcp://10.0.0.1:8480" },
            "--admin-address", AnyPort);
        await admin.SaysAsync("environment variable RELAY_CLUSTER_IDD: of no option: did you mean RELAY_CLUSTER_ID?");
        await admin.AddressAsync();
        Assert.DoesNotContain("RELAY_ADMIN_", admin.Output, StringComparison.Ordinal);
    }

    /// <summary>As under systemd and in a container; it has no cookies, and so no keys that could be lost.</summary>
    [Fact]
    public async Task Program_WithoutAHome_WarnsOfNoKeys()
    {
        await using var admin = new AdminProcess(
            new Dictionary<string, string> { ["HOME"] = "/nonexistent" }, "--admin-address", AnyPort);
        await admin.AddressAsync();
        Assert.DoesNotContain("DataProtection", admin.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Program_HangUp_ReadsTheTokenFileAgain()
    {
        var (first, firstLine) = Token("vera", "viewer");
        var (second, secondLine) = Token("vera", "viewer");
        var path = _folder.Write("tokens", firstLine);
        await using var admin = new AdminProcess(
            "--admin-address", AnyPort, "--admin-token-file", path, "--log-format", "json");
        var address = await admin.AddressAsync();
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(address, first));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(address, second));
        await File.WriteAllTextAsync(path, secondLine);
        admin.Signal(AdminProcess.Hangup);
        await admin.SaysAsync("\"id\":20,");
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(address, second));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(address, first));
        await admin.SaysAsync("\"id\":482");
    }

    [Fact]
    public async Task Program_PoolsOfAFile_AreThere()
    {
        var path = _folder.Write(
            "pools.json", """[{ "name": "exit", "prefix": "198.51.100.0/24", "blockLength": 28 }]""");
        await using var admin = new AdminProcess("--admin-address", AnyPort, "--prefix-pools", path);
        var address = await admin.AddressAsync();
        await admin.SaysAsync("pool exit defined");
        using var pool = await _client.GetAsync(new Uri(address, "/v1/prefix-pools/exit"));
        Assert.Equal(16, (long)(await pool.JsonAsync(HttpStatusCode.OK))["blocks"]!);
    }

    [Fact]
    public async Task Program_UnderAServiceManager_SaysWhereItIs()
    {
        using var manager = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        manager.Bind(new UnixDomainSocketEndPoint(_folder.File("notify")));
        manager.ReceiveTimeout = 60_000;
        await using var admin = new AdminProcess(
            new Dictionary<string, string> { ["NOTIFY_SOCKET"] = _folder.File("notify") }, "--admin-address",
            AnyPort);
        Assert.StartsWith("READY=1\nSTATUS=Listening on 127.0.0.1:", Receive(), StringComparison.Ordinal);
        admin.Signal(AdminProcess.Hangup);
        Assert.StartsWith("RELOADING=1\n", Receive(), StringComparison.Ordinal);
        Assert.StartsWith("READY=1\n", Receive(), StringComparison.Ordinal);
        admin.Signal(AdminProcess.Terminate);
        Assert.StartsWith("STOPPING=1\n", Receive(), StringComparison.Ordinal);
        Assert.Equal(0, await admin.ExitAsync());

        string Receive()
        {
            var buffer = new byte[1024];
            return Encoding.UTF8.GetString(buffer, 0, manager.Receive(buffer));
        }
    }

    public void Dispose()
    {
        _client.Dispose();
        _folder.Dispose();
    }

    private async Task<HttpStatusCode> StatusAsync(Uri address, string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(address, "/v1/fleet"));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var answer = await _client.SendAsync(request);
        return answer.StatusCode;
    }

    private static (string Token, string Line) Token(string name, string role)
    {
        var token = TokenHash.NewToken();
        return (token, TokenFiles.Line(name, role, token));
    }
}
