using System.Security.Cryptography;

namespace Relay.Fleet.Contract;

/// <summary>
/// Ids of sessions: 17 characters by chance, 4 that follow from the name of the node, and a 1. So a session is looked for at the nodes whose
/// name it may be, one as a rule, however many there are. In an id of a node of before, 16 bytes by chance in base64url, the last character is
/// never a 1: it may be of any node, as may one of any other form.
/// </summary>
public static class SessionId
{
    private const string Characters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    private const int Chance = 17;
    private const int OfNode = 4;
    private const char Form = '1';

    /// <summary>The id of a session that begins at a node: who does not know it cannot guess it, since 102 bits of it are by chance.</summary>
    public static string New(string node) => string.Create(Chance + OfNode + 1, node, static (id, node) =>
    {
        RandomNumberGenerator.GetItems(Characters, id[..Chance]);
        Write(node, id.Slice(Chance, OfNode));
        id[^1] = Form;
    });

    /// <summary>Whether an id may be of a session of a node: false where it says that it is another's.</summary>
    public static bool MayBeOf(string id, string node)
    {
        if (id.Length != Chance + OfNode + 1 || id[^1] != Form)
            return true;
        Span<char> own = stackalloc char[OfNode];
        Write(node, own);
        return id.AsSpan(Chance, OfNode).SequenceEqual(own);
    }

    // 24 bits, as every version of the program has them. That two of ten thousand nodes have the same costs a question more.
    private static void Write(string node, Span<char> into)
    {
        var hash = Names.HashOf(node);
        hash = (hash >> 24) ^ (hash & 0xffffff);
        for (var i = 0; i < OfNode; i++)
            into[i] = Characters[(int)(hash >> (18 - (6 * i))) & 63];
    }
}
