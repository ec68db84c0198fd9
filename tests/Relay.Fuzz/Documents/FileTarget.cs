using System.Text;
using Relay.Admin.Identity;
using Relay.Fuzz.Engine;
using Relay.Hosting.Credentials;
using Relay.Hosting.Fleet;
using Relay.Node.Credentials;

namespace Relay.Fuzz.Documents;

/// <summary>Files that options name: the first byte says which.</summary>
internal sealed class FileTarget() : FuzzTarget(
    "pools, credentials or tokens; or what is wrong, in one line each and never with a hash in it")
{
    public override IReadOnlyList<byte[]> Words { get; } =
    [
        .. ("\"name\":|\"prefix\":|\"blockLength\":|\"2001:db8::/44\"|\"192.0.2.0/24\"|\"\\ud800\"|64|[|]|{|}|,|//|name:|sha256$|"
            + "pbkdf2-sha256$100000$|viewer:|\n|#|:|operator:|node:|*|0123456789abcdef|=").Split('|').Select(Encoding.ASCII.GetBytes),
    ];

    public override void Run(ReadOnlySpan<byte> input)
    {
        var choices = new Choices(input);
        var kind = choices.Below(4);
        var content = choices.Rest.ToArray();
        switch (kind)
        {
            case 0:
                var faults = new List<string>();
                var pools = PoolsFile.Read(content, faults.Add);
                Check.That(faults.All(static fault => fault.Length > 0), "a reason each");
                Check.That(faults.Count > 0 || pools.All(static pool => pool.Name.Length > 0), "pools with names");
                break;
            case 1:
                Examine(CredentialFile.TryRead<PasswordHash>(content, PasswordHash.TryParse, out var passwords, out var why), passwords, why);
                break;
            case 2:
                Examine(CredentialFile.TryRead<TokenHash>(content, TokenHash.TryParse, out var hashes, out var whyNot), hashes, whyNot);
                break;
            default:
                Examine(TokenTable.TryRead(content, out var table, out var error), table, error);
                break;
        }
    }

    private static void Examine(bool isRead, object? table, string? error)
    {
        Check.Same(isRead, table is not null, "a table where it is read");
        Check.Same(isRead, error is null, "or a reason");
    }
}
