using System.Text;

namespace Relay.Fleet.Sessions;

/// <summary>Texts as UTF-8, without an allocation for those that are short.</summary>
internal static class Utf8
{
    /// <summary>Room for the longest text that a report has in what is looked up: 256 characters.</summary>
    internal const int Short = 768;

    /// <summary>A text's bytes.</summary>
    /// <param name="text">The text.</param>
    /// <param name="room">Where they are put if they fit for certain.</param>
    internal static ReadOnlySpan<byte> Of(string text, Span<byte> room) =>
        3L * text.Length <= room.Length ? room[..Encoding.UTF8.GetBytes(text, room)] : Encoding.UTF8.GetBytes(text);
}
