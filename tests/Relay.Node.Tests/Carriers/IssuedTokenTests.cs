using Relay.Node.Credentials;
using Relay.Node.Tests.Tokens;
using Relay.Node.Tokens;
using Relay.Testing.Tokens;

namespace Relay.Node.Tests.Carriers;

/// <summary>Tokens of an issuer, and how a client without one is asked for it, whatever carries its requests.</summary>
public sealed class IssuedTokenTests : IDisposable
{
    private const string Denied = "relay-node; error=http_request_denied";

    private readonly ManualTime _time = new();
    private readonly ManualQueue _queue = new();
    private readonly TestIssuer _issuer = new();

    public void Dispose() => _issuer.Dispose();

    [Theory]
    [ClassData(typeof(HttpVersions))]
    public void Token_LetsItsBearerIn_AndNamesThem(string http)
    {
        using var client = CarriedClient.Create(http, Settings());
        client.Open(Ask(client, _issuer.Issue(_time.GetUtcNow(), "user:alice")));
        Assert.Equal($"jwt:{TestIssuer.Name}|user:alice", client.Connection.Identity.Text);
    }

    [Theory]
    [ClassData(typeof(HttpVersions))]
    public void Token_ThatIsWrong_IsToldAsTheOperatorChooses(string http)
    {
        foreach (var (status, field, other) in new[]
            {
                (407, "proxy-authenticate", "www-authenticate"), (401, "www-authenticate", "proxy-authenticate"),
            })
        {
            using var client = CarriedClient.Create(http, Settings(status));
            var wrong = client.Answered(Ask(client, _issuer.Issue(_time.GetUtcNow(), claims: static claims => claims["aud"] = "else")));
            Assert.Equal((status, Denied), (wrong.Status, wrong.Field("proxy-status")));
            Assert.Equal("Bearer realm=\"relay\", error=\"invalid_token\"", wrong.Field(field));
            Assert.Null(wrong.Field(other));

            using var second = client.Beside(http);
            var none = second.Answered(second.Connect());
            Assert.Equal((status, "Bearer realm=\"relay\"", null), (none.Status, none.Field(field), none.Field(other)));
            Assert.Empty(client.Connector.Targets);
        }
    }

    [Theory]
    [ClassData(typeof(HttpVersions))]
    public void Token_OfUdp_LetsItsBearerIn(string http)
    {
        using var client = CarriedClient.Create(http, Settings());
        client.Open(Verified(client, client.ConnectUdp(more: Field(_issuer.Issue(_time.GetUtcNow())))));
    }

    private CarriedTunnel Ask(CarriedClient client, string token) => Verified(client, client.Connect(more: Field(token)));

    private CarriedTunnel Verified(CarriedClient client, CarriedTunnel tunnel)
    {
        Assert.True(client.Run(() => _queue.Waiting == 1));
        _queue.RunAll();
        return tunnel;
    }

    private static (string, string) Field(string token) => ("proxy-authorization", $"Bearer {token}");

    private NodeSettings Settings(int status = 407)
    {
        var authority = new JwtAuthority(new JwtPolicy(TestIssuer.Name, [TestIssuer.Audience]), _time);
        authority.Use(JwtKeySetTests.Read(_issuer));
        return new NodeSettings
        {
            Authenticator = new Authenticator(new CredentialSet(null, null, takesIssued: true), _queue, _time, authority)
            {
                DeniedStatus = status,
            },
        };
    }
}
