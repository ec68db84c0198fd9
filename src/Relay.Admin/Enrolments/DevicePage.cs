using System.Text;
using Relay.Fleet.Contract;
using Relay.Fleet.Recipes;
using static Relay.Admin.Enrolments.EnrolHtml;

namespace Relay.Admin.Enrolments;

/// <summary>The page that shows a new device's secret, once, and how clients are set up with it.</summary>
internal static class DevicePage
{
    /// <summary>Makes it.</summary>
    /// <param name="enrolment">The enrolment, used.</param>
    /// <param name="token">Its token, for the form that makes a profile.</param>
    /// <param name="secret">The device's secret.</param>
    /// <param name="relay">The relay.</param>
    public static string Of(Enrolment enrolment, EnrolmentToken token, string secret, RelayInfo relay)
    {
        var bearer = $"Bearer {secret}";
        var place = $"{Text(relay.Host)}:{relay.Port}";
        return Page("Your device is set up", $"""
            <p class="note">This is shown once. Set up your client now, or copy what is below to where nobody else reads it: whoever has it
            comes in as you.</p>
            {Part("iPhone, iPad, Mac, Apple TV", $"""
            <ol><li>Download the profile, on the device itself.</li>
            <li>iPhone and iPad: Settings, Profile Downloaded, Install. Mac: System Settings, General, Device Management.</li></ol>
            <form method="post" action="{token.Text}{EnrolRequest.ProfilePart}" target="_blank" rel="noopener"><input type="hidden" name="secret" value="{secret}">
            <p><button type="submit">Download the profile</button></p></form>
            <p class="quiet">For iOS 17, macOS 14, tvOS 17, visionOS 1 and later. The button works for ten minutes.</p>
            """, isOpen: true)}
            {Part("curl", $"""
            <p>Save this as <code>relay.curlrc</code>, readable by you alone, and call <code>curl --config relay.curlrc https://example.com/</code></p>
            {Lines(CurlRecipe.Write(relay, bearer), "relay.curlrc")}
            """)}
            {Part("Firefox", $"""
            <p>Save this as <code>relay.pac</code>; then Settings, Network Settings, Automatic proxy configuration URL:
            <code>file:///…/relay.pac</code></p>
            {Lines(FirefoxRecipe.Write(relay), "relay.pac")}
            <p>Firefox asks for a name and a password:</p>
            {Lines(enrolment.User)}
            {Lines(secret)}
            """)}
            {Part("sing-box", $"""
            <p>Save this as <code>relay.json</code>, readable by you alone, and call <code>sing-box run -c relay.json</code>: a proxy at
            127.0.0.1:2080, for TCP. For sing-box 1.12 and later.</p>
            {Lines(SingBoxRecipe.Write(relay, bearer), "relay.json")}
            """)}
            {Part("masque-go", $"""
            <p>For UDP, in Go, with a version of masque-go whose requests take header fields:</p>
            {Lines(MasqueGoRecipe.Write(relay, bearer))}
            """)}
            {Part("Anything else", $"""
            <p>The relay is a proxy over TLS at <code>{place}</code>: CONNECT for TCP, and for UDP (RFC 9298)</p>
            {Lines(relay.UdpTemplate)}
            <p>The secret, as a token:</p>
            {Lines($"Proxy-Authorization: {bearer}")}
            <p>or as the password of {Text(enrolment.User)}:</p>
            {Lines(secret)}
            """)}
            <p class="quiet">User {Text(enrolment.User)}, device {Text(enrolment.Used!.Name)} ({Text(enrolment.Used.Id)}).</p>
            """);
    }

    private static string Part(string title, string body, bool isOpen = false) =>
        $"<details{(isOpen ? " open" : "")}><summary><h2>{Text(title)}</h2></summary><div>{body}</div></details>";

    // One touch selects all of it.
    private static string Lines(string text, string? file = null) => $"<pre>{Text(text.TrimEnd('\n'))}</pre>" + (file is null ? "" : $"""
        <p><a class="save" download="{file}" href="data:application/octet-stream;base64,{Convert.ToBase64String(Encoding.UTF8.GetBytes(text))}">Save as {file}</a></p>
        """);
}
