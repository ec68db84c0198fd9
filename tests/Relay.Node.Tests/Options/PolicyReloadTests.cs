using System.Text;
using Relay.Hosting.Files;
using Relay.Node.Hosting;
using Relay.Node.Targets;
using Relay.Node.Tests.Identity;

namespace Relay.Node.Tests.Options;

public sealed class PolicyReloadTests : IDisposable
{
    private const string Rest =
        """ "address": "[::]:443", "tls-cert-path": "cert.pem", "tls-private-key-path": "key.pem" """;

    private readonly ScratchFolder _folder = new();
    private readonly CommandLineRun _run = new();
    private readonly RecordingLog _log = new();
    private readonly TargetPolicySource _policy = new([], static () => []);

    private string Path => _folder.File("relay.json");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Policy_InTheFile_IsReplacedAfterASecondLook()
    {
        var watch = Start(""" "allow-target": "10.0.0.0/8" """);
        Assert.Equal(("Allowed", "Allowed"), (Check("10.0.0.1"), Check("8.8.8.8")));
        Write(""" "deny-target": ["8.8.8.0/24"] """);
        watch.Poll(_log);
        Assert.Equal("Allowed", Check("10.0.0.1"));
        watch.Poll(_log);
        Assert.Equal(("Private", "DeniedByRule"), (Check("10.0.0.1"), Check("8.8.8.8")));
        Assert.Equal(["target policy reloaded"], _log.Texts);
        watch.Poll(_log);
        Assert.Single(_log.Texts);
    }

    [Fact]
    public void Policy_OnTheCommandLineOrInTheEnvironment_StaysBeforeTheFile()
    {
        _run.With("RELAY_DENY_TARGET", "8.8.8.8");
        var watch = Start("", "--allow-target", "10.0.0.0/8");
        Write(""" "allow-target": "192.168.0.0/16", "deny-target": "8.8.4.4" """);
        watch.Reload(_log);
        Assert.Equal(("Allowed", "Private"), (Check("10.0.0.1"), Check("192.168.0.1")));
        Assert.Equal(("DeniedByRule", "Allowed"), (Check("8.8.8.8"), Check("8.8.4.4")));
    }

    [Theory]
    [InlineData(""" "deny-target": "8.8.8.8/24" """,
        "--deny-target (key \"deny-target\" in {0}): '8.8.8.8/24' has bits set beyond its prefix length: did you mean 8.8.8.0/24?")]
    [InlineData(""" "deny-target": "8.8.8.8", "workers": 0, "colour": 1 """,
        "key \"colour\" in {0}: unknown key; --workers (key \"workers\" in {0}): 0 is below 1")]
    [InlineData(""" "deny-target": "8.8.8.8", """ + "\n]", "{0}: not JSON, line 2 byte 1")]
    [InlineData(""" "deny-target": "\ud800" """, "{0}: a text is not Unicode")]
    public void File_ThatIsWrong_IsRefusedInOneLine_AndTheOldPolicyStays(string content, string message)
    {
        var watch = Start(""" "allow-target": "10.0.0.0/8" """);
        Write(content);
        watch.Reload(_log);
        Assert.Equal(("Allowed", "Allowed"), (Check("10.0.0.1"), Check("8.8.8.8")));
        Assert.Equal(
            ["target policy not reloaded, those in use stay: " + message.Replace(
                "{0}", Path, StringComparison.Ordinal)],
            _log.Texts);
    }

    [Fact]
    public void File_ThatIsGone_IsRefused_AndReadWhenItIsBack()
    {
        var watch = Start("");
        File.Delete(Path);
        watch.Reload(_log);
        Assert.Contains("--config: ", Assert.Single(_log.Texts), StringComparison.Ordinal);
        Write(""" "deny-target": "8.8.8.8" """);
        watch.Reload(_log);
        Assert.Equal("DeniedByRule", Check("8.8.8.8"));
    }

    [Fact]
    public void OtherOptions_ThatHaveChanged_AreNamed()
    {
        var watch = Start(""" "max-tunnels": 100, "workers": 1, "log-level": "info" """, "--connect-timeout-secs", "5");
        Write(""" "max-tunnels": 200, "workers": 1, "deny-target": "8.8.8.8", "connect-timeout-secs": 6, "access-log": "-" """);
        watch.Reload(_log);
        Assert.Equal(
            ["--max-tunnels, --log-level, --access-log changed: only a restart takes notice", "target policy reloaded"],
            _log.Texts);
        Assert.Equal("DeniedByRule", Check("8.8.8.8"));
    }

    [Fact]
    public void NoFile_NothingIsWatched()
    {
        var result = _run.ParseMore();
        Assert.Null(PolicyReload.Watch(result.Source!, _policy, _log));
    }

    private WatchedGroup Start(string more, params string[] arguments)
    {
        Write(more);
        _run.WithFile(Path, File.ReadAllBytes(Path));
        var result = _run.Parse(["--config", Path, .. arguments]);
        var config = _run.Config(result);
        _policy.Use(config.AllowTargets, config.DenyTargets);
        var watch = PolicyReload.Watch(result.Source!, _policy, _log)!;
        watch.Poll(_log);
        Assert.Empty(_log.Texts);
        return watch;
    }

    private void Write(string more) =>
        File.WriteAllText(Path, $"{{ {Rest}{(more.Length > 0 ? "," : "")} {more} }}", new UTF8Encoding(false));

    private string Check(string address) =>
        _policy.Current.Check(IPAddress.Parse(address), 80, TargetProtocol.Tcp).ToString();
}
