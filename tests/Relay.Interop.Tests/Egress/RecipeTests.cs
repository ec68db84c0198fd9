using System.Text.RegularExpressions;
using Relay.Fleet.Contract;
using Relay.Interop.Tests.Egress.World;
using Relay.Node.Egress;

namespace Relay.Interop.Tests.Egress;

/// <summary>Every recipe of docs/operating.md, with the commands and options that the document gives.</summary>
public sealed class RecipeTests : EgressTests
{
    public static TheoryData<string, string, string> Sources => new()
    {
        { "fixed", "198.51.100.7/32", "2001:db8:77::7/128" },
        { "prefix", "198.51.100.0/24", "2001:db8:77::/64" },
        { "managed", "198.51.100.0/24", "2001:db8:77::/64" },
        { "on-link", "203.0.113.64/28", "2001:db8:1::40/124" },
        { "interface", "198.18.0.10/32", "2001:db8:2::10/128" },
        { "interface-prefix", "198.51.100.0/24", "2001:db8:77::/64" },
    };

    [Theory]
    [MemberData(nameof(Sources))]
    public async Task Recipe_AsDocumented_GivesTheSourceAndBringsAnswersBack(string name, string ipv4, string ipv6)
    {
        InstalledProgram.Require("sysctl", "procps");
        var recipe = Recipe.Read(name);
        await recipe.PrepareAsync(World);
        using var relay = RelayInNamespace.Start(World.Host, recipe.Options);
        using var client = StartClient();
        foreach (var (address, prefix) in ((string, string)[])
            [(EgressWorld.TargetIPv4, ipv4), (EgressWorld.TargetIPv6, ipv6)])
        {
            await using var udp = UdpTarget.BindEcho(World.Router, address);
            using var tcp = TcpTarget.Listen(World.Router, address);
            for (var session = 0; session < 5; session++)
            {
                var connection = await client.ConnectAsync();
                await (await client.OpenUdpAsync(connection, udp.Name)).EchoAsync(1);
                var tunnel = await client.OpenTcpAsync(connection, tcp.Name);
                using var accepted = await tcp.AcceptAsync();
                await accepted.SendAsync((byte[])[7], TestContext.Current.CancellationToken);
                Assert.Equal([7], await tunnel.ReceiveAsync());
                AssertWithin(prefix, udp.Sources[^1]);
                AssertWithin(prefix, ((IPEndPoint)accepted.RemoteEndPoint!).Address);
            }
        }
    }

    [Fact]
    public void Recipes_InTheDocument_AreAllRun()
    {
        Assert.Equal(Sources.Select(row => row.Data.Item1).Order(), Recipe.Names.Order());
        // No block of commands is without its comment.
        var text = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "operating.md"));
        var options = Recipe.Names.Count(name => Recipe.Read(name).Options.Length > 0);
        Assert.Equal(Recipe.Names.Length, options);
        Assert.Equal(Regex.Count(text, "^```sh$", RegexOptions.Multiline),
            Regex.Count(text, "^<!-- recipe: ", RegexOptions.Multiline));
    }

    private static void AssertWithin(string prefix, IPAddress source) =>
        Assert.True(EgressSelector.IsHost(Prefix.Parse(prefix), AddressBits.Of(source)),
            $"{source}, not {prefix}");
}
