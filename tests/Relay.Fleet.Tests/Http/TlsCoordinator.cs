using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Relay.Fleet.Json;

namespace Relay.Fleet.Tests.Http;

/// <summary>Answers every report over TLS at an address, and keeps what it was asked by.</summary>
internal sealed class TlsCoordinator : IAsyncDisposable
{
    private readonly TcpListener _listener;
    private readonly X509Certificate2 _certificate;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _serving;

    /// <param name="address">Where.</param>
    /// <param name="port">0 for any.</param>
    /// <param name="certificate">What it shows.</param>
    public TlsCoordinator(IPAddress address, int port, X509Certificate2 certificate)
    {
        _certificate = certificate;
        _listener = new TcpListener(address, port);
        _listener.Start();
        _serving = ServeAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>The names of the handshakes that came to their end, and the Host fields of the requests.</summary>
    public List<string> Names { get; } = [];

    /// <summary>Connections that came, whatever became of them.</summary>
    public int Connections { get; private set; }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _serving;
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task ServeAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                using var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                Connections++;
                await using var tls = new SslStream(client.GetStream());
                await tls.AuthenticateAsServerAsync(
                    new SslServerAuthenticationOptions { ServerCertificate = _certificate }, _stop.Token);
                using var reader = new StreamReader(tls);
                await AnswerAsync(reader, tls);
            }
            catch (Exception e) when (e is IOException or System.Security.Authentication.AuthenticationException
                or OperationCanceledException)
            {
                // A client that does not like the certificate; or the end.
            }
        }
    }

    private async Task AnswerAsync(StreamReader reader, SslStream tls)
    {
        var length = 0;
        while (await reader.ReadLineAsync(_stop.Token) is { Length: > 0 } line)
        {
            if (line.StartsWith("Host: ", StringComparison.Ordinal))
                Names.AddRange([tls.TargetHostName, line[6..]]);
            if (line.StartsWith("Content-Length: ", StringComparison.Ordinal))
                length = int.Parse(line[16..]);
        }
        await reader.ReadBlockAsync(new char[length], _stop.Token);
        var body = JsonSerializer.Serialize(
            new NodeDirective { Sequence = 1, ReportIntervalMilliseconds = 1000 }, FleetJson.Of<NodeDirective>());
        await tls.WriteAsync(
            Encoding.UTF8.GetBytes($"HTTP/1.1 200 OK\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n{body}"),
            _stop.Token);
        await tls.ShutdownAsync();
    }
}
