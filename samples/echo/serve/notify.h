/* SPDX-License-Identifier: BSD-3-Clause */
/** @file Tells the service manager how the server is: sd_notify(3), systemd's Type=notify. */
#ifndef ECHO_NOTIFY_H
#define ECHO_NOTIFY_H

/** The manager is told nothing where $NOTIFY_SOCKET is not set. */
void notify_ready(void);
void notify_stopping(void);

/** To be followed by notify_ready(). */
void notify_reloading(void);

#endif
