using System.Text;
using Relay.Fuzz.Engine;
using Relay.Native;
using Relay.Native.Trust;
using Relay.Node.Sessions;

namespace Relay.Fuzz.Documents;

/// <summary>Lists of what authorities have revoked, and certificates of clients: the first byte says which, and by what names.</summary>
internal sealed class CertificateTarget() : FuzzTarget(
    "lists, or what is wrong, without control characters; an identity of visible characters that no other kind has")
{
    public override IReadOnlyList<byte[]> Words { get; } =
    [
        .. "-----BEGIN X509 CRL-----\n|-----END X509 CRL-----\n|@|://|a.example".Split('|').Select(Encoding.ASCII.GetBytes),
        [0x30, 0x80], [0x06, 0x03, 0x55, 0x1d, 0x11], [0x06, 0x03, 0x55, 0x1d, 0x1c], [0x06, 0x03, 0x55, 0x1d, 0x23], [0x01, 0x01, 0xff], [0x17, 0x0d],
        [0x30, 0x84, 0x7f, 0xff, 0xff, 0xff], [0x81], [0x82], [0x86], [0xa0], [0x02, 0x01, 0x00],
    ];

    public override void Run(ReadOnlySpan<byte> input)
    {
        var choices = new Choices(input);
        var kind = choices.Below(CertificateNames.All.Count + 1);
        if (kind == CertificateNames.All.Count)
            ReadLists(choices.Rest);
        else
            Name(CertificateNames.All[kind], choices.Rest.ToArray());
    }

    private static void ReadLists(ReadOnlySpan<byte> file)
    {
        try
        {
            var lists = RevocationLists.Read(file);
            _ = lists.EndOfLate(DateTimeOffset.UnixEpoch.AddYears(60));
            Check.That(lists.Notices([], false).All(static line => !line.Any(char.IsControl)), "lines");
        }
        catch (TlsException e)
        {
            Check.That(e.Message.Length > 0 && !e.Message.Any(char.IsControl), "a reason");
        }
    }

    private static void Name(CertificateNames names, byte[] certificate)
    {
        var text = names.IdentityOf(certificate).Text;
        Check.That(text.Length <= 256 && text.All(static c => c is > ' ' and < (char)0x7f), "what a line of a log may have");
        var own = $"cert:san:{names}:";
        Check.That(
            text.StartsWith(own, StringComparison.Ordinal) ? text.Length > own.Length && names != CertificateNames.Fingerprint
            : text.StartsWith("certificate:", StringComparison.Ordinal) && text.Length == "certificate:".Length + 64, "one of two kinds");
    }
}
