using Relay.Hosting.Fleet;
using Relay.Node.Options;

namespace Relay.Node.Tests.Options;

public class FleetOptionsTests
{
    private static readonly string Tokens = $"otto:operator:sha256${new string('0', 64)}\n";

    private const string Url = "https://coordinator.example:8480";

    private readonly CommandLineRun _run = new CommandLineRun().WithFile("token", "secret").WithFile("tokens", Tokens)
        .WithFile("ca.pem", "");

    [Fact]
    public void Fleet_NotGiven_IsOff()
    {
        var fleet = _run.Config().Fleet;
        Assert.Equal(FleetMode.Off, fleet.Mode);
        Assert.Equal(FleetName.Sanitize(Environment.MachineName), fleet.NodeId);
        Assert.Null(fleet.AdminAddress);
    }

    [Theory]
    [InlineData("off", (int)FleetMode.Off)]
    [InlineData("local", (int)FleetMode.Local)]
    [InlineData("Silo", (int)FleetMode.Silo)]
    public void Fleet_AWord_IsAMode(string word, int mode) =>
        Assert.Equal((FleetMode)mode, _run.Config("--fleet", word).Fleet.Mode);

    [Fact]
    public void Fleet_Urls_AreCoordinatorsInTheirOrder()
    {
        var fleet = _run.Config(
            "--fleet", Url, "--fleet", "http://127.0.0.1:8480", "--fleet-token-file", "token", "--fleet-ca", "ca.pem",
            "--node-id", "edge-7.fra", "--advertise-address", "relay.example:443", "--advertise-address",
            "[2001:db8::1]:443", "--advertise-address", "[192.0.2.1]:443", "--prefix-pool", "v6",
            "--lease-hook", "announce $RELAY_LEASE_PREFIX").Fleet;
        Assert.Equal(
            (FleetMode.Join, "token", "ca.pem", "edge-7.fra", "announce $RELAY_LEASE_PREFIX"),
            (fleet.Mode, fleet.TokenFile, fleet.AuthorityPath, fleet.NodeId, fleet.LeaseHook));
        Assert.Equal([Url + "/", "http://127.0.0.1:8480/"], fleet.Coordinators.Select(static uri => uri.ToString()));
        Assert.Equal(["relay.example:443", "[2001:db8::1]:443", "192.0.2.1:443"], fleet.AdvertiseAddresses);
        Assert.Equal(["v6"], fleet.Pools);
    }

    [Fact]
    public void Fleet_Silo_TakesItsOptions()
    {
        var fleet = _run.Config(
            "--fleet", "silo", "--redis", "redis:6379,password=x", "--silo-address", "192.0.2.7:11111", "--cluster-id",
            "edge").Fleet;
        Assert.Equal(
            ("redis:6379,password=x", "192.0.2.7:11111", "edge"),
            (fleet.Host.Silo.Redis, fleet.Host.Silo.Address.ToString(), fleet.Host.Silo.ClusterId));
    }

    [Fact]
    public void Times_OfAFleetInThisProcess_AreTaken()
    {
        var timings = _run.Config(
            "--fleet", "local", "--lease-time-secs", "60", "--node-timeout-secs", "10", "--quarantine-secs", "30",
            "--lame-time-secs", "0").Fleet.Host.Silo.Timings;
        Assert.Equal(
            (60.0, 10.0, 30.0, 0.0),
            (timings.LeaseTime.TotalSeconds, timings.NodeTimeout.TotalSeconds, timings.Quarantine.TotalSeconds,
                timings.LameTime.TotalSeconds));
        Assert.Equal(
            new Relay.Fleet.Contract.FleetTimings(), new CommandLineRun().Config("--fleet", "local").Fleet.Host.Silo.Timings);
    }

    [Fact]
    public void Times_ThatDoNotFitEachOther_AreRefused() => _run.Fails(
        ["--fleet", "local", "--lease-time-secs", "20"],
        "--lease-time-secs: a lease leaves its holder less than three report intervals to renew it");

    [Fact]
    public void Pools_OfAFile_AreTaken_AndWhatIsWrongWithThemIsSaid()
    {
        _run.WithFile("pools.json", """[{ "name": "v6", "prefix": "2001:db8::/40", "blockLength": 60 }]""");
        var pool = Assert.Single(_run.Config("--fleet", "local", "--prefix-pools", "pools.json").Fleet.Host.Pools);
        Assert.Equal(("v6", "2001:db8::/40", 60), (pool.Name, pool.Prefix.ToString(), pool.BlockLength));
        var bad = new CommandLineRun().WithFile("pools.json", """[{ "name": "v6" }]""");
        bad.Fails(["--fleet", "local", "--prefix-pools", "pools.json"],
            "--prefix-pools: 'pools.json': pool 1: prefix: required",
            "--prefix-pools: 'pools.json': pool 1: blockLength: required");
    }

    [Fact]
    public void AdminAddress_Alone_MeansLocal()
    {
        var fleet = _run.Config("--admin-address", "127.0.0.1:8480").Fleet;
        Assert.Equal((FleetMode.Local, "127.0.0.1:8480"), (fleet.Mode, fleet.AdminAddress?.ToString()));
    }

    [Fact]
    public void Fleet_FromTheEnvironment_IsAList() => Assert.Equal(2,
        _run.With("RELAY_FLEET", $"{Url},https://other.example").With("RELAY_FLEET_TOKEN_FILE", "token").Config()
            .Fleet.Coordinators.Length);

    [Theory]
    [InlineData("RELAY-1.Example.COM", "relay-1.example.com")]
    [InlineData("_my host_", "my-host")]
    [InlineData("…", "node")]
    [InlineData("a...b", "a--.b")]
    [InlineData("a12345678901234567890123456789012345678901234567890123456789012-tail",
        "a12345678901234567890123456789012345678901234567890123456789012")]
    public void HostName_IsMadeAName(string host, string name) => Assert.Equal(name, FleetName.Sanitize(host));

    [Theory]
    [InlineData("somewhere", "'somewhere' is not off, local, silo or an https:// URL")]
    [InlineData("ftp://coordinator", "'ftp://coordinator' is not off, local, silo or an https:// URL")]
    [InlineData("http://coordinator", "'http://coordinator' would send the node's token in the clear: use https://")]
    [InlineData("https://user:secret@coordinator",
        "'https://coordinator' has more than a scheme, host, port and path")]
    public void Fleet_AWrongValue_IsReported(string value, string message) =>
        _run.Fails(["--fleet", value, "--fleet-token-file", "token"], $"--fleet: {message}");

    [Fact]
    public void Fleet_AWordBesideAUrl_IsReported() => _run.Fails(
        ["--fleet", "local", "--fleet", Url, "--fleet-token-file", "token"],
        "--fleet: 'local' stands alone: only a URL can be given more than once");

    [Fact]
    public void Fleet_AUrlTwice_IsReported() => _run.Fails(
        ["--fleet", Url, "--fleet", Url + "/", "--fleet-token-file", "token"], "--fleet: a URL is given twice");

    [Fact]
    public void Fleet_AUrlWithoutAToken_IsReported() => _run.Fails(
        ["--fleet", Url], "--fleet: a coordinator needs a token: give --fleet-token-file");

    [Fact]
    public void Fleet_ACoordinatorOnThisMachine_NeedsNoToken() => Assert.Null(
        _run.Config("--fleet", "http://127.0.0.1:8480", "--fleet", "http://localhost:8481").Fleet.TokenFile);

    [Fact]
    public void WhatNeedsAFleet_IsRefusedWithoutOne() => _run.Fails(
        [
            "--node-id", "a", "--advertise-address", "a:1", "--fleet-token-file", "token", "--fleet-ca", "ca.pem",
            "--prefix-pool", "v6", "--cluster-id", "c", "--redis", "r", "--silo-address", "127.0.0.1:1",
        ],
        "--node-id: has no effect without --fleet",
        "--advertise-address: has no effect without --fleet",
        "--fleet-token-file: needs a URL in --fleet",
        "--fleet-ca: needs a URL in --fleet",
        "--prefix-pool: needs --fleet",
        "--cluster-id: needs --fleet local or silo",
        "--redis: needs --fleet silo",
        "--silo-address: needs --fleet silo");

    [Theory]
    [InlineData("silo")]
    [InlineData("off")]
    [InlineData("http://127.0.0.1:8480")]
    public void State_WithAnotherFormOfFleet_IsRefused(string fleet) =>
        _run.Fails(["--fleet", fleet, "--state", "/var/lib/relay-node"], "--state: needs --fleet local");

    [Fact]
    public void State_OfALocalFleet_IsItsFolder() =>
        Assert.Equal("/var/lib/relay-node", _run.Config("--fleet", "local", "--state", "/var/lib/relay-node").Fleet.Host.State);

    [Fact]
    public void AdminAddress_WithACoordinatorElsewhere_IsRefused() => _run.Fails(
        ["--fleet", Url, "--fleet-token-file", "token", "--admin-address", "127.0.0.1:8480"],
        "--admin-address: needs --fleet local or silo");

    [Fact]
    public void AdminAddress_NotLoopback_NeedsTokens()
    {
        _run.Fails(["--admin-address", "192.0.2.7:8480"],
            "--admin-address: '192.0.2.7:8480' is not loopback: --admin-token-file is needed");
        Assert.Equal("tokens", new CommandLineRun().WithFile("tokens", Tokens)
            .Config("--admin-address", "192.0.2.7:8480", "--admin-token-file", "tokens").Fleet.AdminTokenFile);
    }

    [Fact]
    public void WhatNeedsAnotherOption_IsRefusedWithoutIt() => _run.Fails(
        ["--fleet", "silo", "--lease-hook", "true", "--admin-token-file", "tokens", "--redis", "r"],
        "--redis: needs --silo-address, where the other silos reach this one",
        "--lease-hook: has no effect without --prefix-pool",
        "--admin-token-file: has no effect without --admin-address");

    [Theory]
    [InlineData("--node-id", "Edge_1",
        "'Edge_1' is not a name of 1 to 63 of a-z 0-9 - ., with a letter or digit at both ends "
        + "and no two dots in a row")]
    [InlineData("--node-id", "", "empty")]
    [InlineData("--prefix-pool", "v.6",
        "'v.6' is not a name of 1 to 63 of a-z 0-9 -, with a letter or digit at both ends")]
    [InlineData("--advertise-address", "relay.example",
        "'relay.example' is not HOST:PORT, as in relay.example:443 or [2001:db8::1]:443")]
    [InlineData("--advertise-address", "2001:db8::1:443",
        "'2001:db8::1:443' is not HOST:PORT, as in relay.example:443 or [2001:db8::1]:443")]
    [InlineData("--silo-address", "0.0.0.0:11111", "'0.0.0.0:11111' is not one address that other silos can reach")]
    [InlineData("--admin-token-file", "absent", "'absent' does not exist")]
    public void AWrongValue_IsReported(string option, string value, string message) => _run.Fails(
        ["--fleet", "silo", option, value,
            .. option == "--admin-token-file" ? ["--admin-address", "127.0.0.1:1"] : (string[])[]],
        $"{option}: {message}");

    [Fact]
    public void Pools_MoreThanFamilies_AreRefused() => _run.Fails(
        ["--fleet", "local", "--prefix-pool", "a", "--prefix-pool", "b", "--prefix-pool", "c"],
        "--prefix-pool: given 3 times: there is one pool for IPv4 and one for IPv6 at most",
        "--prefix-pool: two pools contradict the outbound addresses: one family is left for a pool");

    [Theory]
    [InlineData("two pools contradict the outbound addresses: one family is left for a pool",
        "--prefix-pool", "a", "--prefix-pool", "b", "--outbound-prefix-ipv6", "2001:db8::/64")]
    [InlineData("two pools contradict the outbound addresses: one family is left for a pool",
        "--prefix-pool", "a", "--prefix-pool", "b", "--ipv4-only")]
    [InlineData("contradicts the outbound addresses: neither family is left for a pool",
        "--prefix-pool", "a", "--outbound-ipv4", "198.51.100.7", "--ipv4-only")]
    [InlineData("a pool is given twice", "--prefix-pool", "a", "--prefix-pool", "a")]
    public void Pools_WithoutAFamilyForThem_AreRefused(string message, params string[] arguments) =>
        _run.Fails(["--fleet", "local", .. arguments], $"--prefix-pool: {message}");

    [Fact]
    public void Users_AreLetInFromAFile_ThatNeedNotBeThere()
    {
        var config = _run.Config("--fleet", "local", "--users-file", "users", "--users-max-age-secs", "3600");
        Assert.Equal(("users", TimeSpan.FromHours(1)), (config.Fleet.UsersFile, config.Fleet.UsersMaxAge));
        Assert.False(config.IsOpenRelay);
        Assert.Equal(TimeSpan.FromHours(24), _run.Config("--fleet", "local", "--users-file", "users").Fleet.UsersMaxAge);
        Assert.Null(_run.Config().Fleet.UsersFile);
    }

    [Fact]
    public void Users_OfAFileThatIsBroken_AreAnErrorThatNamesItsCause() => _run.WithFile("users", "relay-users 1\nstore").Fails(
        ["--fleet", "local", "--users-file", "users"],
        "--users-file: 'users': its end is missing: it was not written whole");

    [Fact]
    public void Users_OfAFileThatCannotBe_AreAnError()
    {
        _run.WithBrokenFile("gone/users", new DirectoryNotFoundException()).Fails(
            ["--fleet", "local", "--users-file", "gone/users"],
            "--users-file: 'gone/users': its folder does not exist");
    }

    [Fact]
    public void Users_OfAFileThatMayNotBeRead_AreAnError() =>
        new CommandLineRun().WithBrokenFile("users", new UnauthorizedAccessException("not for you")).Fails(
            ["--fleet", "local", "--users-file", "users"], "--users-file: 'users': cannot be read: not for you");

    [Fact]
    public void Users_WithoutAFleet_AreAnError() => _run.Fails(
        ["--users-file", "users"], "--users-file: needs --fleet");

    [Theory]
    [InlineData("59", "59 is below 60")]
    [InlineData("604801", "604801 is above 604800")]
    public void Users_AgeOutOfBounds_IsAnError(string age, string error) => _run.Fails(
        ["--fleet", "local", "--users-file", "users", "--users-max-age-secs", age], $"--users-max-age-secs: {error}");

    [Fact]
    public void Users_AgeWithoutThem_IsAnError() => _run.Fails(
        ["--fleet", "local", "--users-max-age-secs", "60"], "--users-max-age-secs: has no effect without --users-file");

    [Fact]
    public void Pool_BesideASourceOfTheOtherFamily_IsTaken()
    {
        var config = _run.Config(
            "--fleet", "local", "--prefix-pool", "v6", "--outbound-ipv4", "198.51.100.7", "--outbound-selection",
            "tunnel",
            "--manage-local-routes");
        Assert.Equal(["v6"], config.Fleet.Pools);
        Assert.True(config.Egress.ManageLocalRoutes);
    }
}
