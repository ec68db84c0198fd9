using System.Globalization;
using Relay.Fleet.Contract;
using static Relay.Admin.Enrolments.EnrolHtml;

namespace Relay.Admin.Enrolments;

/// <summary>The pages before a device is made, and where none is.</summary>
internal static class OfferPage
{
    /// <summary>What the link is for, and the button that uses it.</summary>
    /// <param name="enrolment">The enrolment.</param>
    /// <param name="fleet">The fleet's name.</param>
    /// <param name="relay">The relay's.</param>
    public static string Of(Enrolment enrolment, string fleet, string relay) => Page("Set up a device", $"""
        <p>With this link you get your own access to a relay, which carries what your device sends to the internet.</p>
        <dl>
        <dt>For</dt><dd>{Text(enrolment.User)}</dd>
        <dt>Device</dt><dd>{Text(enrolment.Device)}</dd>
        <dt>Relay</dt><dd>{Text(relay)}</dd>
        <dt>Fleet</dt><dd>{Text(fleet)}</dd>
        <dt>From</dt><dd>{Text(enrolment.By)}</dd>
        <dt>Until</dt><dd>{TimeOf(enrolment.ExpiresAt)}</dd>
        </dl>
        <p class="note">Go on only if you have asked for this. The button works once: press it on the device that you want to set up, or
        where you can copy from. On an iPhone or iPad, open this in Safari first.</p>
        <form method="post"><button type="submit">Set up this device</button></form>
        """);

    /// <summary>It has been used.</summary>
    public static string Used(Enrolment enrolment) => Page("This link has been used", $"""
        <p>It has made the device {Text(enrolment.Used!.Name)}, and makes no other. What was shown then cannot be shown again.</p>
        <p>If that was not you, or you have lost what was shown, tell {Text(enrolment.By)} at once: they can take the device away, and send
        you another link.</p>
        """);

    /// <summary>There is none.</summary>
    public static string Unknown() => Page("This link does not work", """
        <p>It is over, or it is not whole: a link works for ten minutes, and ends with 43 letters and digits after <code>/enroll/</code>.
        Ask for another one.</p>
        """);

    /// <summary>Something else is wrong.</summary>
    /// <param name="title">What.</param>
    /// <param name="detail">What to do.</param>
    public static string Problem(string title, string detail) => Page(title, $"<p>{Text(detail)}</p>");

    private static string TimeOf(DateTimeOffset time) => string.Create(
        CultureInfo.InvariantCulture,
        $"<time datetime=\"{time.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}\">{time.UtcDateTime:HH:mm} UTC, {time.UtcDateTime:yyyy-MM-dd}</time>");
}
