namespace Appliance.Lab.Demo.Workloads.Nginx;

/// <summary>The configuration of an ordinary nginx that keeps everything in one directory.</summary>
public static class NginxConfiguration
{
    /// <summary>The text of <c>nginx.conf</c>.</summary>
    /// <param name="directory">The server's directory on its node's disk.</param>
    /// <param name="port">TCP port.</param>
    public static string Text(string directory, int port) => $$"""
        daemon off;
        worker_processes 1;
        pid {{directory}}/nginx.pid;
        error_log {{directory}}/error.log warn;

        events {
            worker_connections 1024;
        }

        http {
            access_log off;
            sendfile on;
            default_type application/octet-stream;
            client_body_temp_path {{directory}}/temp/body;
            proxy_temp_path {{directory}}/temp/proxy;
            fastcgi_temp_path {{directory}}/temp/fastcgi;
            uwsgi_temp_path {{directory}}/temp/uwsgi;
            scgi_temp_path {{directory}}/temp/scgi;

            server {
                listen [::]:{{port}} ipv6only=off backlog=4096;
                root {{directory}}/www;
            }
        }

        """;
}
