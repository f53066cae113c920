using Appliance.Bench.Labs;
using Appliance.Lab.Topology;

namespace Appliance.Bench.Compatibility;

/// <summary>nginx and HAProxy.</summary>
public static class WebServers
{
    private const string Key = "server.pem";

    /// <summary>nginx with files, at 80 and at 443.</summary>
    public static Task<string[]> NginxAsync(BenchLab lab, LabHost node, CancellationToken cancellation) => NginxAsync(lab, node, "", "", cancellation);

    /// <summary>The same, without the second of each answer.</summary>
    public static Task<string[]> TimelessNginxAsync(BenchLab lab, LabHost node, CancellationToken cancellation) =>
        NginxAsync(lab, node, "load_module /usr/lib/nginx/modules/ngx_http_headers_more_filter_module.so;", "more_clear_headers Date;", cancellation);

    private static async Task<string[]> NginxAsync(BenchLab lab, LabHost node, string module, string setting, CancellationToken cancellation)
    {
        var disk = lab.Laboratory.DataDirectory(node);
        var shared = Path.Combine(lab.Laboratory.Directory, Key);
        if (!File.Exists(shared))
        {
            await ServerCatalog.RequireAsync("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=x", "-keyout", shared, "-out", $"{shared}.crt");
        }

        await ServerCatalog.WriteFileAsync(disk, cancellation);
        var small = Path.Combine(disk, "small");
        await File.WriteAllTextAsync(small, "the end\n", cancellation);
        File.SetLastWriteTimeUtc(small, new DateTime(2025, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        var file = Path.Combine(disk, "nginx.conf");
        await File.WriteAllTextAsync(
            file,
            $$"""
            {{module}}
            daemon off;
            user www-data;
            pid {{disk}}/nginx.pid;
            error_log {{disk}}/nginx.error;
            events { }
            http {
              access_log off;
              {{setting}}
              keepalive_requests 1000000;
              client_body_temp_path {{disk}}/body;
              proxy_temp_path {{disk}}/proxy;
              fastcgi_temp_path {{disk}}/fastcgi;
              uwsgi_temp_path {{disk}}/uwsgi;
              scgi_temp_path {{disk}}/scgi;
              server { listen 80; listen 443 ssl; ssl_certificate {{shared}}.crt; ssl_certificate_key {{shared}}; root {{disk}}; }
            }

            """,
            cancellation);
        return ["nginx", "-c", file];
    }

    /// <summary>HAProxy that answers requests itself.</summary>
    public static async Task<string[]> HaproxyAsync(BenchLab lab, LabHost node, CancellationToken cancellation)
    {
        var file = Path.Combine(lab.Laboratory.DataDirectory(node), "haproxy.cfg");
        await File.WriteAllTextAsync(
            file,
            """
            defaults
              mode http
              timeout client 60s
              timeout server 60s
              timeout connect 5s
            frontend f
              bind :8080
              http-request return status 200 content-type text/plain string "the end\n"

            """,
            cancellation);
        return ["haproxy", "-db", "-f", file];
    }
}
